//! Appendix C of the draft: lists of 2^20 entries, with the entries that are not zero.

use super::*;
use crate::testing::{joined, section};

const FILE: &str = include_str!("appendix_c.txt");

fn entries(bits: Bits) -> Vec<(usize, u8)> {
    let text = section(FILE, &format!("{} entries", bits.number()));
    let entries = text.split_ascii_whitespace().map(|entry| entry.split_once('=').unwrap());
    entries.map(|(idx, status)| (idx.parse().unwrap(), status.parse().unwrap())).collect()
}

// shows STATUS-LIST C/published
#[test]
fn lists_of_each_number_of_bits_are_read_and_made() {
    for (bits, count) in [(Bits::One, 11), (Bits::Two, 11), (Bits::Four, 15), (Bits::Eight, 256)] {
        let lst = joined(FILE, &format!("{} lst", bits.number()));
        let read = StatusList::read(&json!({ "bits": bits.number(), "lst": lst })).unwrap();
        assert_eq!(read.entries(), 1 << 20);
        let mut made = StatusList::new(bits, 1 << 20).unwrap();
        let entries = entries(bits);
        assert_eq!(entries.len(), count);
        for (idx, status) in entries {
            assert_eq!(read.get(idx), Some(status), "{bits:?} {idx}");
            made.set(idx, status).unwrap();
        }
        assert_eq!(read, made);
        assert_eq!(StatusList::read(&made.claim(None)).unwrap(), made);
    }
}
