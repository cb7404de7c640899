//! As much DER as reading the private key of RFC 8017 appendix A.1.2 out of its PKCS #8 wrapper needs.

/// A cursor over the elements of one DER level.
pub(crate) struct Der<'a>(&'a [u8]);

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

impl<'a> Der<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn sequence(&mut self) -> Option<Der<'a>> {
        self.element(SEQUENCE).map(Der)
    }

    pub(crate) fn octet_string(&mut self) -> Option<Der<'a>> {
        self.element(OCTET_STRING).map(Der)
    }

    /// A non-negative integer without its leading zero byte.
    pub(crate) fn integer(&mut self) -> Option<&'a [u8]> {
        let bytes = self.element(INTEGER)?;
        Some(if bytes.len() > 1 && bytes[0] == 0 { &bytes[1..] } else { bytes })
    }

    fn element(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&found, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let count = usize::from(first & 0x7f);
            let bytes = rest.get(..count).filter(|_| (1..=3).contains(&count))?;
            length = bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            rest = &rest[count..];
        }
        let content = rest.get(..length).filter(|_| found == tag)?;
        self.0 = &rest[length..];
        Some(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncated_and_mistagged_elements_are_refused() {
        assert_eq!(Der::new(&[0x02, 0x01, 0x05]).integer(), Some(&[5u8][..]));
        assert_eq!(Der::new(&[0x02, 0x02, 0x00, 0x85]).integer(), Some(&[0x85u8][..]));
        assert_eq!(Der::new(&[0x02, 0x02, 0x05]).integer(), None);
        assert_eq!(Der::new(&[0x02, 0x84, 1, 1, 1, 1]).integer(), None);
        assert!(Der::new(&[0x02, 0x01, 0x05]).sequence().is_none());
        assert!(Der::new(&[]).sequence().is_none());
    }
}
