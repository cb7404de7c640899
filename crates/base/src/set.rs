//! Sets of registry values, small enough to be copied and compared as one number.

use std::marker::PhantomData;

/// A value that has a place among at most 32.
pub trait Member: Copy + 'static {
    fn bit(self) -> u32;
}

/// A set of registry values.
pub struct Set<T> {
    bits: u32,
    of: PhantomData<T>,
}

impl<T> Clone for Set<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Set<T> {}

impl<T> PartialEq for Set<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<T> Eq for Set<T> {}

impl<T> std::fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Set({:b})", self.bits)
    }
}

impl<T> Set<T> {
    /// Every value there is.
    pub const EVERY: Self = Self { bits: u32::MAX, of: PhantomData };

    /// The values with these bits, for sets that are constants.
    pub const fn of_bits(bits: u32) -> Self {
        Self { bits, of: PhantomData }
    }

    /// What stands in both.
    pub const fn meet(self, other: Self) -> Self {
        Self::of_bits(self.bits & other.bits)
    }

    /// Whether every value of this set stands in `other`.
    pub const fn is_within(self, other: Self) -> bool {
        self.bits & !other.bits == 0
    }
}

impl<T: Member> Set<T> {
    pub fn contains(self, value: T) -> bool {
        self.bits & value.bit() != 0
    }

    /// The values of a list that stand in the set.
    pub fn of_list(self, list: &[T]) -> Vec<T> {
        list.iter().copied().filter(|value| self.contains(*value)).collect()
    }
}

impl<T: Member> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::of_bits(values.into_iter().fold(0, |bits, value| bits | value.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::JwsAlg;

    #[test]
    fn sets_meet() {
        let a: Set<JwsAlg> = [JwsAlg::Ps256, JwsAlg::Es256].into_iter().collect();
        let b = Set::of_bits(JwsAlg::Es256.mask() | JwsAlg::EdDsa.mask());
        assert!(a.meet(b).contains(JwsAlg::Es256) && !a.meet(b).contains(JwsAlg::Ps256));
        assert!(a.meet(b).is_within(a) && !a.is_within(b));
        assert_eq!(a.of_list(JwsAlg::ALL), [JwsAlg::Es256, JwsAlg::Ps256]);
    }
}
