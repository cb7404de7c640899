//! What a caller says of the trace that its call belongs to (W3C Trace Context, Level 1).

use std::fmt;

use data_encoding::HEXLOWER;
use placet_ambient::Entropy;

/// Names a trace; not all zeroes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceId(pub(super) [u8; 16]);

/// Names a span of a trace; not all zeroes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpanId(pub(super) [u8; 8]);

impl TraceId {
    pub(super) fn draw(entropy: &Entropy) -> Self {
        Self(loop_until(|| entropy.bytes()))
    }

    /// The part that is random in every trace, by which ratios go (W3C Trace Context, Level 2, §2.2.4).
    pub(super) fn random(self) -> u64 {
        let [.., a, b, c, d, e, f, g, h] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

impl SpanId {
    pub(super) fn draw(entropy: &Entropy) -> Self {
        Self(loop_until(|| entropy.bytes()))
    }
}

/// What is all zeroes names nothing.
fn loop_until<const N: usize>(mut draw: impl FnMut() -> [u8; N]) -> [u8; N] {
    loop {
        let drawn = draw();
        if drawn != [0; N] {
            return drawn;
        }
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// The span that a call was made in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parent {
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
    pub(super) sampled: bool,
}

impl Parent {
    /// Reads a `traceparent` (§3.2.2). What is malformed is as if it were not there (§3.2.2.5).
    pub(super) fn parse(header: &str) -> Option<Self> {
        // A later version may say more behind what this one knows (§3.2.4).
        let (known, more) = header.split_at_checked(55)?;
        let [version, trace, span, flags] = known.split('-').collect::<Vec<_>>().try_into().ok()?;
        let [version] = hex::<1>(version)?;
        let fits = if version == 0 { more.is_empty() } else { more.is_empty() || more.starts_with('-') };
        let (trace, span, [flags]) = (hex::<16>(trace)?, hex::<8>(span)?, hex::<1>(flags)?);
        let good = version != 0xff && fits && trace != [0; 16] && span != [0; 8];
        good.then_some(Self { trace: TraceId(trace), span: SpanId(span), sampled: flags & 1 == 1 })
    }
}

/// Lower case alone.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_parent_is_read_strictly() {
        let parse = |text: &str| {
            Parent::parse(text).map(|read| (read.trace.to_string(), read.span.to_string(), read.sampled))
        };
        let read = |sampled| Some((TRACE.to_owned(), "1122334455667788".to_owned(), sampled));
        assert_eq!(parse(&format!("00-{TRACE}-1122334455667788-01")), read(true));
        assert_eq!(parse(&format!("00-{TRACE}-1122334455667788-00")), read(false));
        assert_eq!(parse(&format!("00-{TRACE}-1122334455667788-fe")), read(false));
        assert_eq!(parse(&format!("cc-{TRACE}-1122334455667788-01-more")), read(true));
        for wrong in [
            String::new(),
            "\u{0}".to_owned(),
            format!("00-{TRACE}-1122334455667788"),
            format!("00-{TRACE}-1122334455667788-01-more"),
            format!("cc-{TRACE}-1122334455667788-01more"),
            format!("ff-{TRACE}-1122334455667788-01"),
            format!("00-{}-1122334455667788-01", TRACE.to_uppercase()),
            format!("00-{}-1122334455667788-01", "0".repeat(32)),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{TRACE}-1122334455667788-0x"),
            format!("00_{TRACE}_1122334455667788_01"),
            format!("00-{TRACE}-11223344556677-8-01"),
            "ä".repeat(28),
        ] {
            assert_eq!(parse(&wrong), None, "{wrong}");
        }
    }
}
