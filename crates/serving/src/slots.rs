//! Places for connections: so many in all, so many for each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::Limits;

/// The places of a listener, or of several that share them.
#[derive(Clone)]
pub struct Slots(Arc<Shared>);

struct Shared {
    most: usize,
    most_per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    /// Addresses with at least one connection; never more than there are connections.
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's place; free again when it is dropped.
pub struct Slot {
    shared: Arc<Shared>,
    address: IpAddr,
}

/// There is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSlot {
    /// For nobody.
    Everywhere,
    /// For this address.
    ForAddress,
}

impl Slots {
    pub fn new(limits: &Limits) -> Self {
        let (most, most_per_address) = (limits.connections, limits.connections_per_address);
        Self(Arc::new(Shared { most, most_per_address, taken: Mutex::default() }))
    }

    /// # Errors
    /// When all places, or all that the address may have, are taken.
    pub fn take(&self, address: IpAddr) -> Result<Slot, NoSlot> {
        // An IPv6 client is given a whole /64 (RFC 6177): it must not count as many.
        let address = one_client(address.to_canonical());
        let mut taken = self.0.taken();
        if taken.all >= self.0.most {
            return Err(NoSlot::Everywhere);
        }
        if taken.by_address.get(&address).is_some_and(|own| *own >= self.0.most_per_address) {
            return Err(NoSlot::ForAddress);
        }
        taken.all += 1;
        *taken.by_address.entry(address).or_default() += 1;
        Ok(Slot { shared: self.0.clone(), address })
    }

    /// Connections that have a place now.
    pub fn taken(&self) -> usize {
        self.0.taken().all
    }
}

impl Shared {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Each change under the lock is whole; a panic elsewhere leaves it so.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.shared.taken();
        taken.all -= 1;
        if let Some(own) = taken.by_address.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

fn one_client(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(connections: usize, connections_per_address: usize) -> Slots {
        Slots::new(&Limits { connections, connections_per_address, ..Limits::default() })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_does_not_take_what_is_for_all() {
        let places = places(4, 2);
        let held: Vec<_> = (0..2).map(|_| places.take(address("192.0.2.1")).ok().unwrap()).collect();
        assert_eq!(places.take(address("192.0.2.1")).err(), Some(NoSlot::ForAddress));
        assert_eq!(places.take(address("::ffff:192.0.2.1")).err(), Some(NoSlot::ForAddress));
        let other = places.take(address("192.0.2.2")).ok().unwrap();
        drop(held);
        assert!(places.take(address("192.0.2.1")).is_ok());
        assert_eq!(places.taken(), 1);
        drop(other);
        assert_eq!(places.0.taken().by_address.len(), 0);
    }

    #[test]
    fn there_is_an_end_for_all() {
        let places = places(2, 2);
        let _one = places.take(address("192.0.2.1")).ok().unwrap();
        let _two = places.take(address("192.0.2.2")).ok().unwrap();
        assert_eq!(places.take(address("192.0.2.3")).err(), Some(NoSlot::Everywhere));
    }

    #[test]
    fn a_network_of_one_client_is_one_address() {
        let places = places(9, 1);
        let _held = places.take(address("2001:db8:1:2::1")).ok().unwrap();
        assert_eq!(places.take(address("2001:db8:1:2:ffff::9")).err(), Some(NoSlot::ForAddress));
        assert!(places.take(address("2001:db8:1:3::1")).is_ok());
    }
}
