use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use placet_base::{Secret, Timestamp};

use super::*;
use crate::contract::wait as done;
use crate::keyring::{Opening, stopped};
use crate::master::{MasterKey, MasterKeys};
use crate::memory::Memory;
use crate::row::{IndexKey, Page, Row, Rows, Swept};

const LOG: Kind = Kind::log("log");
const CATALOGUE: Kind = Kind::catalogue("catalogue");

/// What happens in the pauses of a re-keying.
type Meanwhile = Box<dyn Fn(u64) + Send + Sync>;

struct Here {
    random: AtomicU64,
    pauses: AtomicU64,
    meanwhile: Meanwhile,
    told: Mutex<Vec<Progress>>,
}

impl Here {
    fn new(meanwhile: Meanwhile) -> Self {
        let (random, pauses) = (AtomicU64::new(1), AtomicU64::new(0));
        Self { random, pauses, meanwhile, told: Mutex::default() }
    }

    fn quiet() -> Self {
        Self::new(Box::new(|_| {}))
    }
}

impl Around for Here {
    fn random(&self, bytes: &mut [u8]) {
        let number = self.random.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.fill(0xaa);
        bytes[..8].copy_from_slice(&number);
    }

    fn pause(&self, _: Duration) -> BoxFuture<'_, ()> {
        (self.meanwhile)(self.pauses.fetch_add(1, Ordering::Relaxed));
        Box::pin(async {})
    }

    fn is_alone(&self) -> bool {
        false
    }

    fn told(&self, progress: Progress) {
        self.told.lock().unwrap().push(progress);
    }
}

/// Rows of the catalogue are texts that are sealed by themselves, and have one name.
fn texts(key: &Key, body: &[u8], seal: &Seal, nonce: [u8; 12]) -> Result<Option<Resealed>, SealError> {
    if key.kind != CATALOGUE {
        return Ok(None);
    }
    let sealed: crate::Sealed = serde_json::from_slice(body).unwrap();
    if sealed.key() == Some(seal.present()) {
        return Ok(None);
    }
    let text = seal.open(&sealed, "place")?;
    let sealed = seal.seal(text.expose(), "place", nonce)?;
    let indexes = vec![IndexEntry { name: "name", value: "value".to_owned(), unique: false }];
    Ok(Some(Resealed { body: serde_json::to_vec(&sealed).unwrap(), indexes }))
}

fn opened(store: &Arc<dyn Store>, present: u8, former: &[u8]) -> Result<SealedRows, KeyError> {
    let master = |byte: u8| MasterKey::new(Secret::new([byte; 32])).unwrap();
    let masters = MasterKeys::new(master(present), former.iter().copied().map(master).collect());
    let random = |bytes: &mut [u8]| bytes.fill(5);
    let opening = Opening { masters, random: &random, ticks: stopped() };
    let seal = done(Seal::opened(&**store, opening, async |_| Ok(None)))?;
    Ok(SealedRows::new(store.clone(), Arc::new(seal)))
}

fn log(number: i64) -> Key {
    Key { kind: LOG, service: number % 3, id: Id::Number(number) }
}

fn put(store: &dyn Store, number: i64) {
    let indexes = vec![IndexEntry { name: "name", value: "value".to_owned(), unique: false }];
    let expires_at = Some(Timestamp(number));
    let insert = Change::Insert { key: log(number), body: b"body".to_vec(), indexes, expires_at };
    done(store.commit(vec![insert])).unwrap();
}

fn put_text(rows: &SealedRows, number: i64) {
    let sealed = rows.seal.seal("text", "place", [1; 12]).unwrap();
    let key = Key { kind: CATALOGUE, service: 1, id: Id::Number(number) };
    let body = serde_json::to_vec(&sealed).unwrap();
    let indexes = vec![IndexEntry { name: "name", value: "value".to_owned(), unique: false }];
    done(rows.commit(vec![Change::Insert { key, body, indexes, expires_at: None }])).unwrap();
}

/// A store of 250 rows of the log and three texts, as a release of before keyrings has left it, or a new one.
fn furnished(of_before: bool) -> Arc<dyn Store> {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    if of_before {
        crate::probe::tests::leave(&*store, 1);
    }
    let rows = opened(&store, 1, &[]).unwrap();
    (1..=250).for_each(|number| put(&rows, number));
    (1..=3).for_each(|number| put_text(&rows, number));
    // And one row of before rows were sealed.
    let key = Key { kind: LOG, service: 1, id: Id::Number(999) };
    let (body, indexes) = (b"{}".to_vec(), vec![]);
    done(store.commit(vec![Change::Insert { key, body, indexes, expires_at: None }])).unwrap();
    store
}

fn all(store: &dyn Store, layout: Layout) -> Vec<Scanned> {
    done(store.scan(layout, None, 10_000)).unwrap()
}

/// Every row says the key, opens with the present master key, and is what it was; none opens with what derives from a former.
fn is_resealed(store: &Arc<dyn Store>, present: u8, number: u16, at_least: usize) {
    let rows = opened(store, present, &[]).unwrap();
    let lying = all(&**store, Layout::Log);
    assert!(lying.len() >= at_least);
    for scanned in &lying {
        assert_eq!(row_key(&scanned.row.body).map(|(key, _)| key), Some(number), "{:?}", scanned.key);
        let former = SealedRows::new(store.clone(), Arc::new(Seal::new(&[1; 32]).unwrap()));
        assert!(done(former.get(&scanned.key)).is_err());
    }
    let read = all(&rows, Layout::Log);
    assert!(read.iter().all(|one| [b"body".as_slice(), b"{}"].contains(&one.row.body.as_ref())));
    assert!(
        read.iter()
            .all(|one| one.key.id == Id::Number(999) || Id::Number(one.expires_at.unwrap().0) == one.key.id)
    );
    for scanned in all(&**store, Layout::Catalogue) {
        let text = String::from_utf8(scanned.row.body.to_vec()).unwrap();
        assert!(!text.contains("\"1."), "{text}");
        if scanned.key.kind == CATALOGUE {
            let sealed: crate::Sealed = serde_json::from_str(&text).unwrap();
            assert_eq!(rows.seal.open(&sealed, "place").unwrap().expose(), "text");
        }
    }
    let named = |kind| IndexKey { kind, service: 1, entry: Some(("name", "value".to_owned())), from: 0 };
    let count = |kind| done(store.find(&named(kind), Page::count(100))).unwrap().total;
    assert!(count(LOG) >= 80 && count(CATALOGUE) == 3);
    let (_, numbers) = done(rows.seal.told(&**store)).unwrap();
    assert_eq!(numbers, [number]);
    assert!(done(rows.kept()).unwrap().is_none());
}

#[test]
fn afterwards_the_former_key_opens_nothing() {
    for of_before in [true, false] {
        let store = furnished(of_before);
        let before = opened(&store, 1, &[]).unwrap();
        let handle = before.seal.derive(&["handle"]);
        let rows = opened(&store, 2, &[1]).unwrap();
        let here = Here::quiet();
        let counted = done(rows.rekey((&here, &texts), true)).unwrap();
        assert_eq!((counted.sealed_anew, counted.unreadable), (254, 0));
        is_resealed(&store, 2, 2, 251);
        assert!(matches!(opened(&store, 1, &[]), Err(KeyError::Other)));
        assert_eq!(opened(&store, 2, &[]).unwrap().seal.derive(&["handle"]), handle);
        // And once more.
        let rows = opened(&store, 3, &[2]).unwrap();
        assert_eq!(done(rows.rekey((&here, &texts), true)).unwrap().sealed_anew, 254);
        is_resealed(&store, 3, 3, 251);
    }
}

#[test]
fn another_master_key_alone_touches_no_row() {
    let store = furnished(false);
    let before = all(&*store, Layout::Log);
    let rows = opened(&store, 2, &[1]).unwrap();
    assert_eq!(done(rows.rekey((&Here::quiet(), &texts), false)), Ok(Counted::default()));
    assert_eq!(before, all(&*store, Layout::Log));
    assert!(matches!(opened(&store, 1, &[]), Err(KeyError::Other)));
    assert_eq!(all(&opened(&store, 2, &[]).unwrap(), Layout::Log).len(), 251);
}

/// Reads and writes of another node.
fn works(node: &SealedRows, pause: u64) {
    let number = 1_000 + i64::try_from(pause).unwrap();
    put(node, number);
    for number in [number, 1, 125, 250] {
        assert!(done(node.get(&log(number))).unwrap().is_some());
    }
    let Row { version, body } = done(node.get(&log(7))).unwrap().unwrap();
    let expires_at = Some(Timestamp(7));
    let next = Change::Replace { key: log(7), version, body: body.to_vec(), indexes: vec![], expires_at };
    done(node.commit(vec![next])).unwrap();
}

/// Another node works in every pause; in the first two, which are there for that, it looks at the keyring.
#[test]
fn nodes_go_on_meanwhile() {
    let store = furnished(true);
    let node = opened(&store, 2, &[1]).unwrap();
    let of_node = store.clone();
    let meanwhile = move |pause| {
        works(&node, pause);
        if pause < 2 {
            done(node.seal.fits(&*of_node)).unwrap();
        }
    };
    let rows = opened(&store, 2, &[1]).unwrap();
    let here = Here::new(Box::new(meanwhile));
    let counted = done(rows.rekey((&here, &texts), true)).unwrap();
    // What was written before it knew the key, too; one row it has sealed anew itself.
    assert_eq!(counted.sealed_anew, 254 + 2 - 1);
    let last = i64::try_from(here.pauses.load(Ordering::Relaxed)).unwrap();
    is_resealed(&store, 2, 2, 251);
    let node = opened(&store, 2, &[]).unwrap();
    assert!((1_000..1_000 + last).all(|number| done(node.get(&log(number))).unwrap().is_some()));
}

#[test]
fn the_former_key_stays_while_a_node_seals_with_it() {
    let store = furnished(true);
    let node = opened(&store, 2, &[1]).unwrap();
    let rows = opened(&store, 2, &[1]).unwrap();
    // Who reads comes by the new key, who only writes does not.
    let here = Here::new(Box::new(move |pause| put(&node, 1_000 + i64::try_from(pause).unwrap())));
    assert_eq!(done(rows.rekey((&here, &texts), true)), Err(RekeyError::Endless));
    let (_, numbers) = done(rows.seal.told(&*store)).unwrap();
    assert_eq!(numbers, [1, 2]);
    // Once it is gone, all is well.
    assert!(done(rows.rekey((&Here::quiet(), &texts), true)).is_ok());
    is_resealed(&store, 2, 2, 251);
}

/// A store that fails for good after some commits, as when the process is killed; or where something happens before the
/// next commit.
struct Failing {
    inner: Arc<dyn Store>,
    left: AtomicU64,
    failed: AtomicBool,
    first: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Failing {
    fn after(inner: Arc<dyn Store>, commits: u64) -> Self {
        let (left, failed) = (commits.into(), AtomicBool::default());
        Self { inner, left, failed, first: Mutex::default() }
    }
}

impl Store for Failing {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>> {
        self.inner.get(key)
    }

    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>> {
        self.inner.find(index, page)
    }

    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        if self.left.load(Ordering::Relaxed) == 0 {
            self.failed.store(true, Ordering::Relaxed);
            return Box::pin(async { Err(Unavailable::Away("killed".to_owned()).into()) });
        }
        self.left.fetch_sub(1, Ordering::Relaxed);
        if let Some(first) = self.first.lock().unwrap().take() {
            first();
        }
        self.inner.commit(batch)
    }

    fn scan<'a>(
        &'a self,
        layout: Layout,
        after: Option<&'a Key>,
        max: usize,
    ) -> BoxFuture<'a, Result<Vec<Scanned>, Unavailable>> {
        self.inner.scan(layout, after, max)
    }

    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<Swept, Unavailable>> {
        self.inner.sweep(before, max)
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        self.inner.health()
    }
}

/// Cut off before each of its commits, and then taken up again: nothing is lost, nothing is done twice that was done.
#[test]
fn what_was_cut_off_goes_on_where_it_stopped() {
    for commits in 0.. {
        let store = furnished(true);
        let failing = Failing::after(store.clone(), commits);
        let failing = Arc::new(failing);
        let seal = opened(&store, 2, &[1]).unwrap().seal;
        let rows = SealedRows::new(failing.clone(), seal);
        let here = Here::quiet();
        let cut = done(rows.rekey((&here, &texts), true));
        let was_cut = failing.failed.load(Ordering::Relaxed);
        assert_eq!(cut.is_err(), was_cut);
        // Whatever is there is read in between.
        let between = opened(&store, 2, &[1]).unwrap();
        assert_eq!(all(&between, Layout::Log).len(), 251);
        if !was_cut {
            is_resealed(&store, 2, 2, 251);
            assert!(commits > 6, "{commits}");
            return;
        }
        let before = here.told.lock().unwrap().iter().rev().find_map(|told| match told {
            Progress::Rows(counted) => Some(counted.sealed_anew),
            _ => None,
        });
        let counted = done(between.rekey((&Here::quiet(), &texts), true)).unwrap();
        // One batch may have been committed whose place was not written down.
        assert!(counted.sealed_anew + before.unwrap_or(0) <= 254);
        is_resealed(&store, 2, 2, 251);
    }
}

#[test]
fn who_finds_somebody_else_at_it_ends() {
    let store = furnished(true);
    let other = opened(&store, 2, &[1]).unwrap();
    let meanwhile = move |pause| {
        if pause == 3 {
            done(other.rekey((&Here::quiet(), &texts), true)).unwrap();
        }
    };
    let rows = opened(&store, 2, &[1]).unwrap();
    let ended = done(rows.rekey((&Here::new(Box::new(meanwhile)), &texts), true));
    assert_eq!(ended, Err(RekeyError::UnderWay));
    is_resealed(&store, 2, 2, 251);
}

/// A node that knows the former master key alone, once its look has been too long ago.
#[test]
fn a_node_without_the_new_master_key_is_refused() {
    let store = furnished(true);
    let time = Arc::new(AtomicU64::new(0));
    let ticks: crate::Ticks = {
        let time = time.clone();
        Arc::new(move || Duration::from_millis(time.load(Ordering::Relaxed)))
    };
    let master = |byte: u8| MasterKey::new(Secret::new([byte; 32])).unwrap();
    let opening =
        Opening { masters: MasterKeys::new(master(1), vec![]), random: &|bytes| bytes.fill(5), ticks };
    let seal = Arc::new(done(Seal::opened(&*store, opening, async |_| Ok(None))).unwrap());
    let node = SealedRows::new(store.clone(), seal.clone());
    let rows = opened(&store, 2, &[1]).unwrap();
    done(rows.rekey((&Here::quiet(), &texts), true)).unwrap();
    // It has not looked, and cannot read; what it would write is refused as soon as it has to look.
    assert!(matches!(done(node.get(&log(1))), Err(Unavailable::Away(_))));
    time.store(6_000, Ordering::Relaxed);
    let insert =
        |number| Change::Insert { key: log(number), body: vec![], indexes: vec![], expires_at: None };
    let refused = done(node.commit(vec![insert(2_000)]));
    assert!(matches!(refused, Err(CommitError::Unavailable(Unavailable::Away(_)))));
    assert_eq!(done(seal.fits(&*store)), Err(KeyError::Other));
    seal.learn(MasterKeys::new(master(2), vec![]));
    // What it had in hand may have texts in it of the former key.
    let refused = done(node.commit(vec![insert(2_000)]));
    assert!(matches!(refused, Err(CommitError::Unavailable(Unavailable::Busy(_)))));
    done(node.commit(vec![insert(2_000)])).unwrap();
    is_resealed_at(&store, 2_000);
}

fn is_resealed_at(store: &Arc<dyn Store>, number: i64) {
    let row = done(store.get(&log(number))).unwrap().unwrap();
    assert_eq!(row_key(&row.body).map(|(key, _)| key), Some(2));
}

/// A file of the first format is read for ever.
#[test]
fn format_1_is_read() {
    let body = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/rekeying.1.json")).unwrap();
    let record: Box<Rekeying> = crate::record::decode(&body).unwrap();
    let key = record.after.clone().and_then(|place| place.key(Layout::Log)).unwrap();
    assert_eq!(key, Key { kind: Kind::log("token"), service: 5, id: Id::Number(7) });
    assert_eq!(crate::record::encode(&*record).unwrap(), body);
}

/// What has queued for so long that the key it was sealed with is gone when it is committed.
#[test]
fn what_comes_too_late_is_not_acknowledged() {
    let store = furnished(true);
    let seal = opened(&store, 2, &[1]).unwrap().seal;
    let failing = Failing::after(store.clone(), 9);
    let (of_hook, inner) = (seal.clone(), store.clone());
    *failing.first.lock().unwrap() = Some(Box::new(move || {
        let rows = opened(&inner, 2, &[1]).unwrap();
        done(rows.rekey((&Here::quiet(), &texts), true)).unwrap();
        done(of_hook.fits(&*inner)).unwrap();
    }));
    let node = SealedRows::new(Arc::new(failing), seal);
    let insert =
        |number| Change::Insert { key: log(number), body: vec![], indexes: vec![], expires_at: None };
    let late = done(node.commit(vec![insert(2_000)]));
    assert!(matches!(late, Err(CommitError::Unavailable(Unavailable::Away(_)))));
    done(node.commit(vec![insert(2_001)])).unwrap();
    assert!(done(node.get(&log(2_001))).unwrap().is_some());
}
