//! What input can multiply, and how far: one table. A request that asks for more is refused with a reason
//! of its own, before the work is done.

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub name: &'static str,
    /// What multiplies.
    pub what: &'static str,
    pub limit: usize,
    pub unit: &'static str,
}

macro_rules! budgets {
    ($(#[doc = $what:literal] $name:ident = $limit:expr, $unit:literal;)*) => {
        $(#[doc = $what] pub const $name: usize = $limit;)*

        /// Every budget, for documents and tests.
        pub const TABLE: &[Budget] = &[
            $(Budget { name: stringify!($name), what: $what, limit: $name, unit: $unit },)*
        ];
    };
}

budgets! {
    #[doc = "Transformed claims that one request defines."]
    TRANSFORMED_CLAIMS = 32, "definitions";
    #[doc = "Functions of one transformed claim."]
    CLAIM_FUNCTIONS = 8, "functions";
    #[doc = "Functions inside functions of a transformed claim."]
    CLAIM_FUNCTION_DEPTH = 4, "levels";
    #[doc = "Patterns (`match`) in the transformed claims of one request."]
    CLAIM_PATTERNS = 16, "patterns";
    #[doc = "Patterns of one service: transformed claims and scopes, each."]
    SERVICE_PATTERNS = 64, "patterns";
    #[doc = "Text of one pattern."]
    PATTERN_TEXT = 512, "bytes";
    #[doc = "Memory of one pattern once it is compiled: repetitions multiply it."]
    PATTERN_MEMORY = 8 * 1024, "bytes";
    #[doc = "Parentheses inside parentheses of one pattern."]
    PATTERN_DEPTH = 16, "levels";
    #[doc = "Text that patterns are held against while one request is answered, counted for each pattern."]
    MATCHED_TEXT = 64 * 1024, "bytes";
    #[doc = "Certificates above that of a client (`clientCertificatePath`)."]
    CERTIFICATE_PATH = 10, "certificates";
    #[doc = "HTTP message signatures of one request to a resource."]
    MESSAGE_SIGNATURES = 4, "signatures";
    #[doc = "Scopes that one request asks for."]
    REQUESTED_SCOPES = 100, "scopes";
    #[doc = "Text of a JSON Patch of the discovery document."]
    PATCH_TEXT = 128 * 1024, "bytes";
    #[doc = "Operations of a JSON Patch."]
    PATCH_OPERATIONS = 64, "operations";
    #[doc = "The discovery document after any operation of a JSON Patch."]
    PATCH_DOCUMENT = 64 * 1024, "bytes";
    #[doc = "Levels of the discovery document after any operation of a JSON Patch."]
    PATCH_DEPTH = 32, "levels";
}

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    fn every_budget_is_named_once_and_limits_something() {
        for (index, budget) in TABLE.iter().enumerate() {
            assert!(budget.limit > 0 && budget.what.ends_with('.') && !budget.unit.is_empty(), "{budget:?}");
            assert!(!TABLE[..index].iter().any(|other| other.name == budget.name), "{}", budget.name);
        }
    }
}
