//! The time, for the proofs that say when they were made.

/// Seconds since the epoch.
pub(crate) fn seconds() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "the SDK runs in its caller's process, where nothing injects it"
    )]
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
