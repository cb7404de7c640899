//! Other keys for what a store holds, while it is served.
//!
//! The present master key wraps the keyring: one write. Then the keys that seal are replaced: a new one is announced; once
//! every node knows it, it seals; once nobody seals with the former one any more, every row is gone through, and what it
//! has sealed is sealed anew; when a whole pass has found none of that, the former key goes. What was cut off goes on where
//! it stopped: the keyring says how far it has come, and a row of its own where in the rows.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::keyring::{Contents, INSTALLATION, KeyError, RingState, Turned};
use crate::reader::{Loaded, Reader};
use crate::record::Record;
use crate::row::{Change, CommitError, Id, IndexEntry, Key, Kind, Layout, Scanned, Unavailable};
use crate::seal::{LEASE, Seal, SealError, row_key};
use crate::sealed_rows::SealedRows;
use crate::writes::Writes;
use crate::{BoxFuture, Store};

/// What a re-keying needs of whoever runs it.
pub trait Around: Sync {
    fn random(&self, bytes: &mut [u8]);

    fn pause(&self, time: Duration) -> BoxFuture<'_, ()>;

    /// Whether nobody else serves the store.
    fn is_alone(&self) -> bool;

    fn told(&self, progress: Progress);
}

/// How texts that are sealed by themselves are sealed anew, of a row that is opened: with the nonce, which is random. Nothing
/// where none in it has to be.
pub type Texts<'a> = &'a (dyn Fn(&Key, &[u8], &Seal, [u8; 12]) -> Result<Option<Resealed>, SealError> + Sync);

/// A row with its texts sealed anew.
pub struct Resealed {
    pub body: Vec<u8>,
    /// All the names of the row, which those of a catalogue are found by.
    pub indexes: Vec<IndexEntry>,
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The present master key wraps the keyring.
    Wrapped,
    /// So long is waited until every node knows the new key, or none uses the former one any more.
    Waits(Duration),
    /// Rows that were looked at and sealed anew since it began, or went on.
    Rows(Counted),
}

/// Rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub looked_at: u64,
    pub sealed_anew: u64,
    /// Those that no key opens: they stay as they are.
    pub unreadable: u64,
}

/// Why it could not be carried through.
#[derive(Debug, PartialEq, Eq)]
pub enum RekeyError {
    Key(KeyError),
    /// Somebody else does it.
    UnderWay,
    /// Rows of the former key come up all the time.
    Endless,
}

impl std::fmt::Display for RekeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(KeyError::Other) => {
                f.write_str("no master key that is known opens the keys of the store")
            }
            Self::Key(KeyError::Unavailable(why)) => f.write_str(why),
            Self::UnderWay => f.write_str("another process is re-keying the store"),
            Self::Endless => {
                f.write_str("rows are still sealed with the former key; is a node cut off from the rest?")
            }
        }
    }
}

impl<E: Into<KeyError>> From<E> for RekeyError {
    fn from(error: E) -> Self {
        Self::Key(error.into())
    }
}

/// Until every node has looked at the keyring: as long as a look counts, and a moment for caches.
const SPREAD: Duration = LEASE.saturating_add(Duration::from_secs(2));
/// Until whatever was sealed with the former key has been committed, or never will be: what queues for a database and what
/// a statement of it may take is less.
const SETTLED: Duration = Duration::from_secs(30);
/// The same where nobody else serves: whoever has sealed something is about to queue it.
const ALONE: Duration = Duration::from_secs(1);
/// Rows that one commit seals anew.
const BATCH: usize = 100;
/// Passes after which a clean one is not to be expected any more.
const PASSES: usize = 10;

/// Where in the rows it is.
#[derive(Serialize, Deserialize)]
struct Rekeying {
    /// The key that everything is sealed with in the end.
    to: u16,
    log: bool,
    after: Option<Place>,
}

impl Record for Rekeying {
    type Id = String;
    const KIND: Kind = Kind::catalogue("rekeying");
}

#[derive(Clone, Serialize, Deserialize)]
struct Place {
    kind: String,
    service: i64,
    number: Option<i64>,
    name: Option<String>,
}

const NAME: &str = "rekeying";

impl Place {
    fn of(key: &Key) -> Self {
        let (number, name) = match &key.id {
            Id::Number(number) => (Some(*number), None),
            Id::Name(name) => (None, Some(name.clone())),
        };
        Self { kind: key.kind.name.to_owned(), service: key.service, number, name }
    }

    fn key(self, layout: Layout) -> Option<Key> {
        let id = self.number.map(Id::Number).or(self.name.map(Id::Name))?;
        Some(Key { kind: Kind::named(&self.kind, layout), service: self.service, id })
    }
}

/// Where a pass is, and what it has come by.
struct Pass {
    layout: Layout,
    after: Option<Key>,
    /// It began at the first row, and has found nothing of the former key.
    clean: bool,
}

impl Pass {
    const WHOLE: Self = Self { layout: Layout::Catalogue, after: None, clean: true };
}

impl SealedRows {
    /// Has the present master key wrap the keyring, and where `rows` says so, replaces the key that seals.
    ///
    /// # Errors
    /// When the store does not answer, no master key is known that opens it, or somebody else does the same.
    pub async fn rekey(
        &self,
        (around, texts): (&dyn Around, Texts<'_>),
        rows: bool,
    ) -> Result<Counted, RekeyError> {
        let mut state = self.turn(around, |contents| Ok(Turned::Same(contents))).await?;
        around.told(Progress::Wrapped);
        if !rows {
            return Ok(Counted::default());
        }
        let random = |bytes: &mut [u8]| around.random(bytes);
        if state == RingState::Settled {
            state = self.turn(around, |contents| announced(contents, &random)).await?;
        }
        if state == RingState::Announced {
            wait(around, SPREAD).await;
            self.turn(around, promoted).await?;
        }
        wait(around, SETTLED).await;
        let counted = self.gone_through((around, texts)).await?;
        self.turn(around, |contents| Ok(Turned::Changed(contents.retired()))).await?;
        Ok(counted)
    }

    async fn turn(
        &self,
        around: &dyn Around,
        turn: impl Fn(Contents) -> Result<Turned, SealError>,
    ) -> Result<RingState, KeyError> {
        let random = |bytes: &mut [u8]| around.random(bytes);
        self.seal.turned(&*self.inner, &random, turn).await
    }

    /// Goes through all rows until a pass has found nothing of a former key.
    async fn gone_through(&self, with: (&dyn Around, Texts<'_>)) -> Result<Counted, RekeyError> {
        let (mut record, mut pass) = self.begun().await?;
        let mut counted = Counted::default();
        for _ in 0..PASSES {
            while self.step(with, &mut pass, &mut counted, &mut record).await? {}
            if pass.clean {
                let mut writes = Writes::default();
                writes.delete(record);
                self.written(writes).await?;
                return Ok(counted);
            }
            pass = Pass::WHOLE;
        }
        Err(RekeyError::Endless)
    }

    async fn kept(&self) -> Result<Option<Loaded<Rekeying>>, Unavailable> {
        Reader::new(&*self.inner, INSTALLATION).get(&NAME.to_owned()).await
    }

    /// Where the rows have been gone through to. Written down anew in any case: it takes its turn behind what waits to be
    /// committed.
    async fn begun(&self) -> Result<(Loaded<Rekeying>, Pass), RekeyError> {
        let to = self.seal.present();
        let former = self.kept().await?;
        let went_on = former.as_ref().filter(|record| record.to == to);
        let pass = went_on.map_or(Pass::WHOLE, |record| {
            let layout = if record.log { Layout::Log } else { Layout::Catalogue };
            Pass { layout, after: record.after.clone().and_then(|place| place.key(layout)), clean: false }
        });
        let record = self.noted(former, &pass).await?;
        Ok((record, pass))
    }

    /// Writes down where a pass is.
    async fn noted(
        &self,
        former: Option<Loaded<Rekeying>>,
        pass: &Pass,
    ) -> Result<Loaded<Rekeying>, RekeyError> {
        let (log, after) = (pass.layout == Layout::Log, pass.after.as_ref().map(Place::of));
        let record = Rekeying { to: self.seal.present(), log, after };
        let mut writes = Writes::default();
        match former {
            Some(former) => writes.replace(former, &record),
            None => writes.insert(INSTALLATION, &NAME.to_owned(), &record),
        }
        self.written(writes).await?;
        self.kept().await?.ok_or(RekeyError::UnderWay)
    }

    async fn written(&self, writes: Writes) -> Result<(), RekeyError> {
        let batch = writes.into_batch(true).map_err(KeyError::Unavailable)?;
        self.inner.commit(batch).await.map_err(|error| match error {
            CommitError::Conflict => RekeyError::UnderWay,
            CommitError::Unavailable(unavailable) => unavailable.into(),
        })
    }

    /// Some rows further; whether there may be more.
    async fn step(
        &self,
        (around, texts): (&dyn Around, Texts<'_>),
        pass: &mut Pass,
        counted: &mut Counted,
        record: &mut Loaded<Rekeying>,
    ) -> Result<bool, RekeyError> {
        let began = self.seal.ticks();
        let rows = self.inner.scan(pass.layout, pass.after.as_ref(), BATCH).await?;
        let Some(last) = rows.last().map(|scanned| scanned.key.clone()) else {
            let more = pass.layout == Layout::Catalogue;
            (pass.layout, pass.after) = (Layout::Log, None);
            return Ok(more);
        };
        counted.looked_at += rows.len() as u64;
        pass.after = Some(last);
        let changes = self.anew((around, texts), rows, counted);
        if !changes.is_empty() {
            pass.clean = false;
            counted.sealed_anew += self.committed(changes).await?;
            let former = self.kept().await?.filter(|kept| kept.version() == record.version());
            *record = self.noted(Some(former.ok_or(RekeyError::UnderWay)?), pass).await?;
            around.told(Progress::Rows(*counted));
        }
        // Half of the time is left to those who serve.
        around.pause(self.seal.ticks().saturating_sub(began)).await;
        Ok(true)
    }

    /// The replacements of what a former key has sealed, or none.
    fn anew(&self, with: (&dyn Around, Texts<'_>), rows: Vec<Scanned>, counted: &mut Counted) -> Vec<Change> {
        let mut changes = Vec::new();
        for scanned in rows {
            match self.replaced(with, scanned) {
                Ok(change) => changes.extend(change),
                Err(SealError) => counted.unreadable += 1,
            }
        }
        changes
    }

    fn replaced(
        &self,
        (around, texts): (&dyn Around, Texts<'_>),
        scanned: Scanned,
    ) -> Result<Option<Change>, SealError> {
        let Scanned { key, row, expires_at } = scanned;
        let version = row.version;
        let is_of_log = key.kind.layout == Layout::Log;
        let is_present =
            !is_of_log || row_key(&row.body).is_some_and(|(number, _)| number == self.seal.present());
        let body = self.body(&key, row)?;
        let mut nonce = [0; 12];
        around.random(&mut nonce);
        let (body, indexes) = match texts(&key, &body, &self.seal, nonce)? {
            Some(Resealed { body, indexes }) => (body, indexes),
            None if is_present => return Ok(None),
            None => (body, Vec::new()),
        };
        Ok(Some(Change::Replace { key, version, body, indexes, expires_at }))
    }

    /// What was sealed anew. Those that others have changed meanwhile are met again by the next pass.
    async fn committed(&self, changes: Vec<Change>) -> Result<u64, RekeyError> {
        let all = changes.len() as u64;
        match self.commit(changes.clone()).await {
            Ok(()) => return Ok(all),
            Err(CommitError::Conflict) => {}
            Err(CommitError::Unavailable(unavailable)) => return Err(unavailable.into()),
        }
        let mut done = 0;
        for change in changes {
            match self.commit(vec![change]).await {
                Ok(()) => done += 1,
                Err(CommitError::Conflict) => {}
                Err(CommitError::Unavailable(unavailable)) => return Err(unavailable.into()),
            }
        }
        Ok(done)
    }
}

fn announced(contents: Contents, random: crate::Random<'_>) -> Result<Turned, SealError> {
    match contents.state() {
        RingState::Settled => contents.announced(random).map(Turned::Changed),
        _ => Ok(Turned::Same(contents)),
    }
}

fn promoted(contents: Contents) -> Result<Turned, SealError> {
    Ok(match contents.state() {
        RingState::Announced => Turned::Changed(contents.promoted()),
        _ => Turned::Same(contents),
    })
}

async fn wait(around: &dyn Around, time: Duration) {
    let time = if around.is_alone() { ALONE } else { time };
    around.told(Progress::Waits(time));
    around.pause(time).await;
}

#[cfg(test)]
mod tests;
