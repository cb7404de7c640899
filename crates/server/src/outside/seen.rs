//! Marks that were seen at resources, for as long as they matter: minutes. They are this process's own; one
//! process serves a store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use placet_base::Timestamp;

/// Parts that are locked apart.
const SHARDS: usize = 16;
/// Marks of a part after which the expired ones are looked for.
const MANY: usize = 4096;

#[derive(Default)]
struct Shard {
    marks: HashMap<[u8; 32], Timestamp>,
    /// The size at which to look for expired marks again.
    next: usize,
}

#[derive(Default)]
pub(super) struct Seen([Mutex<Shard>; SHARDS]);

impl Seen {
    pub(super) fn first_use(&self, mark: [u8; 32], now: Timestamp, until: Timestamp) -> bool {
        let shard = &self.0[usize::from(mark[0]) % SHARDS];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.marks.len() >= shard.next.max(MANY) {
            shard.marks.retain(|_, until| !until.is_past(now));
            shard.next = shard.marks.len() * 2;
        }
        match shard.marks.insert(mark, until) {
            Some(former) => former.is_past(now),
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_new_once_until_it_is_forgotten() {
        let seen = Seen::default();
        let (now, until) = (Timestamp(0), Timestamp(10));
        assert!(seen.first_use([1; 32], now, until));
        assert!(!seen.first_use([1; 32], now, until));
        assert!(seen.first_use([2; 32], now, until));
        assert!(seen.first_use([1; 32], Timestamp(10), Timestamp(20)));
    }

    #[test]
    fn expired_marks_leave() {
        let seen = Seen::default();
        let mark = |n: u32| {
            let mut mark = [0; 32];
            mark[4..8].copy_from_slice(&n.to_be_bytes());
            mark
        };
        for n in 0..u32::try_from(MANY).unwrap() {
            seen.first_use(mark(n), Timestamp(0), Timestamp(1));
        }
        seen.first_use(mark(u32::MAX), Timestamp(5), Timestamp(9));
        let shard = seen.0[0].lock().unwrap();
        assert_eq!(shard.marks.len(), 1);
    }
}
