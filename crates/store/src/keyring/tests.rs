use super::*;
use crate::contract::wait;
use crate::memory::Memory;
use crate::probe;

fn master(byte: u8) -> MasterKey {
    MasterKey::new(Secret::new([byte; 32])).unwrap()
}

fn masters(present: u8, former: &[u8]) -> MasterKeys {
    MasterKeys::new(master(present), former.iter().copied().map(master).collect())
}

fn opening(present: u8, former: &[u8]) -> Opening<'static> {
    Opening { masters: masters(present, former), random: &|bytes| bytes.fill(5), ticks: stopped() }
}

/// `holds`: the master key of what lies in a store of before there were probes.
fn opened_with(store: &Memory, opening: Opening<'_>, holds: Option<u8>) -> Result<Seal, KeyError> {
    let any = async |seal: &Seal| {
        let Some(holds) = holds else { return Ok(None) };
        let sealed = Seal::new(&[holds; 32])?.seal("a secret", "somewhere", [3; 12])?;
        Ok(Some(seal.open(&sealed, "somewhere")?))
    };
    wait(Seal::opened(store, opening, any))
}

fn opened(store: &Memory, present: u8, former: &[u8]) -> Result<Seal, KeyError> {
    opened_with(store, opening(present, former), None)
}

fn is_other<T>(result: Result<T, KeyError>) -> bool {
    matches!(result, Err(KeyError::Other))
}

#[test]
fn a_new_store_is_opened_by_the_key_that_it_was_made_with() {
    let store = Memory::default();
    assert!(!wait(in_use(&store)).unwrap());
    let seal = opened(&store, 1, &[]).unwrap();
    assert!(wait(in_use(&store)).unwrap() && is_other(opened(&store, 2, &[])));
    let sealed = seal.seal("text", "place", [1; 12]).unwrap();
    assert!(opened(&store, 1, &[]).unwrap().open(&sealed, "place").is_ok());
    // Nothing in it derives from the master key, which may come to be known.
    assert!(Seal::new(&[1; 32]).unwrap().open(&sealed, "place").is_err());
    assert_ne!(Seal::new(&[1; 32]).unwrap().derive(&["handle"]), seal.derive(&["handle"]));
}

#[test]
fn a_store_of_before_is_what_it_was() {
    for (left, holds) in [(true, None), (false, Some(1))] {
        let store = Memory::default();
        if left {
            probe::tests::leave(&store, 1);
        }
        assert!(is_other(opened_with(&store, opening(2, &[]), holds)));
        let seal = opened_with(&store, opening(1, &[]), holds).unwrap();
        let former = Seal::new(&[1; 32]).unwrap();
        let sealed = former.seal("text", "place", [1; 12]).unwrap();
        assert!(seal.open(&sealed, "place").is_ok());
        assert_eq!(former.derive(&["handle"]), seal.derive(&["handle"]));
        assert!(wait(Probe::read(&store)).unwrap().is_none());
        assert!(opened(&store, 1, &[]).is_ok() && is_other(opened(&store, 2, &[])));
    }
}

#[test]
fn a_store_of_before_is_opened_by_a_former_key_too() {
    let store = Memory::default();
    probe::tests::leave(&store, 1);
    let seal = opened(&store, 2, &[1]).unwrap();
    assert_eq!(wait(seal.told(&store)).unwrap(), (master(1).id().clone(), vec![1]));
    assert!(opened(&store, 1, &[]).is_ok());
}

/// Nodes that open an empty database at the same moment.
#[test]
fn of_two_who_come_first_the_other_is_held_against_the_one() {
    for (key, fits) in [(7, true), (8, false)] {
        let store = Memory::default();
        let between = async |_: &Seal| opened(&store, 7, &[]).map(|_| None);
        let other = wait(Seal::opened(&store, opening(key, &[]), between));
        assert_eq!(other.is_ok(), fits);
        assert!(opened(&store, 7, &[]).is_ok());
    }
}

fn same(contents: Contents) -> Result<Turned, SealError> {
    Ok(Turned::Same(contents))
}

#[test]
fn another_master_key_takes_one_write() {
    let store = Memory::default();
    let seal = opened(&store, 1, &[]).unwrap();
    let sealed = seal.seal("text", "place", [1; 12]).unwrap();
    let both = opened(&store, 2, &[1]).unwrap();
    wait(both.turned(&store, &|bytes| bytes.fill(6), same)).unwrap();
    assert_eq!(wait(both.told(&store)).unwrap(), (master(2).id().clone(), vec![1]));
    assert!(is_other(opened(&store, 1, &[])));
    assert!(opened(&store, 2, &[]).unwrap().open(&sealed, "place").is_ok());
    // A node that knows the former one alone says so, until it learns the other.
    assert_eq!(wait(seal.fits(&store)), Err(KeyError::Other));
    seal.learn(masters(2, &[]));
    assert_eq!(wait(seal.fits(&store)), Ok(()));
    // Doing it again changes nothing.
    let before = wait(read(&store)).unwrap().unwrap().version();
    wait(both.turned(&store, &|bytes| bytes.fill(7), same)).unwrap();
    assert_eq!(wait(read(&store)).unwrap().unwrap().version(), before);
}

#[test]
fn another_store_under_the_same_key_is_found_out() {
    let (store, empty) = (Memory::default(), Memory::default());
    let seal = opened(&store, 1, &[]).unwrap();
    assert_eq!((wait(seal.fits(&store)), wait(seal.fits(&empty))), (Ok(()), Err(KeyError::Other)));
    opened(&empty, 2, &[]).unwrap();
    assert_eq!(wait(seal.fits(&empty)), Err(KeyError::Other));
}

#[test]
fn keys_that_seal_are_announced_before_they_do_and_go_after() {
    let announced = |contents: Contents| contents.announced(&|bytes| bytes.fill(8)).unwrap();
    let contents = Contents::from_master(&[1; 32]);
    assert_eq!((contents.state(), contents.present), (RingState::Settled, 1));
    let contents = announced(contents);
    assert_eq!((contents.state(), contents.present), (RingState::Announced, 1));
    let contents = contents.promoted();
    assert_eq!((contents.state(), contents.present), (RingState::Replacing, 2));
    let contents = contents.retired();
    assert_eq!((contents.state(), contents.keys.len()), (RingState::Settled, 1));
    assert_eq!(announced(contents).promoted().present, 3);
}

/// A file of the first format is read for ever.
#[test]
fn format_1_is_read_and_opens() {
    let body = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/keyring.1.json")).unwrap();
    let keyring: Box<Keyring> = crate::record::decode(&body).unwrap();
    let contents = keyring.opened(&masters(2, &[])).unwrap();
    let root = *Contents::from_master(&[1; 32]).root.expose();
    assert_eq!((*contents.root.expose(), contents.present, contents.keys.len()), (root, 2, 2));
    assert!(contents.keys.iter().any(|(number, key)| *number == 2 && *key.expose() == [8; 32]));
    assert!(is_other(keyring.opened(&masters(1, &[]))));
}
