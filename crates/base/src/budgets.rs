//! How a crate says what input can multiply, and how far: one table of the crate, made by [`budgets!`](crate::budgets!).

/// A row of such a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub name: &'static str,
    /// What multiplies.
    pub what: &'static str,
    pub limit: usize,
    pub unit: &'static str,
    /// What happens to a request that asks for more: its result code, where it has one.
    pub beyond: &'static str,
}

/// A constant for each limit, and `TABLE`, which has them all.
#[macro_export]
macro_rules! budgets {
    ($(#[doc = $what:literal] $name:ident = $limit:expr, $unit:literal, $beyond:literal;)*) => {
        $(#[doc = $what] pub const $name: usize = $limit;)*

        /// Every limit of this crate, for documents and tests.
        pub const TABLE: &[$crate::budgets::Budget] = &[
            $($crate::budgets::Budget {
                name: stringify!($name),
                what: $what,
                limit: $name,
                unit: $unit,
                beyond: $beyond,
            },)*
        ];
    };
}
