//! RFC 8628 §5.1, §6.1 – codes that users read from one screen and type in at another

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::UserCodeCharset;

use crate::budgets::{USER_CODE_GUESSES, USER_CODE_TEXT};
use crate::tenant::UserCodes;

/// A user code in the one form that is compared: upper case, without what people put between its characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCode(String);

/// §6.1: letters without vowels make no words, and none of them is mistaken for another.
const BASE20: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
const DIGITS: &[u8] = b"0123456789";

/// Wrong codes that every service outlasts: people mistype.
const FEWEST_GUESSES: u128 = 5;
/// §5.1: one guess in so many may find a given code, all guesses of its life together.
const ODDS: u128 = 1 << 22;

impl UserCodes {
    fn characters(self) -> &'static [u8] {
        match self.charset {
            UserCodeCharset::Base20 => BASE20,
            UserCodeCharset::Numeric => DIGITS,
        }
    }

    /// A new code; `random` is asked once for each character.
    pub fn draw(self, mut random: impl FnMut() -> [u8; 8]) -> UserCode {
        let characters = self.characters();
        let one = |_| {
            // 64 bits over 20 characters: the first ones are likelier by less than one in 2^59.
            let at = u64::from_be_bytes(random()) % characters.len() as u64;
            char::from(characters[usize::try_from(at).unwrap_or(0)])
        };
        UserCode((0..self.length).map(one).collect())
    }

    /// What a user has typed (§6.1: case and punctuation do not matter); `None` for what cannot be a code.
    pub fn read(self, text: &str) -> Option<UserCode> {
        if text.len() > USER_CODE_TEXT {
            return None;
        }
        let typed = text.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_uppercase());
        let code: String = typed.collect();
        let fits = code.len() == self.length && code.bytes().all(|b| self.characters().contains(&b));
        fits.then_some(UserCode(code))
    }

    fn space(self) -> u128 {
        let base = self.characters().len() as u128;
        (0..self.length).fold(1_u128, |space, _| space.saturating_mul(base))
    }

    /// Whether there are so many codes that none is found by as many guesses as every service outlasts.
    pub fn is_hard_to_guess(self) -> bool {
        self.space() / ODDS >= FEWEST_GUESSES
    }

    /// How many wrong codes may be tried within the life of one: the fewer codes there are, the fewer.
    pub fn guesses(self) -> u32 {
        let guesses = (self.space() / ODDS).clamp(FEWEST_GUESSES, USER_CODE_GUESSES as u128);
        u32::try_from(guesses).unwrap_or(u32::MAX)
    }
}

impl UserCode {
    pub fn into_text(self) -> String {
        self.0
    }

    /// The name under which a request is found by its code. A code is short enough to be guessed from its hash, so
    /// the hash has a key.
    pub fn mark(&self, key: &[u8; 32]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        BASE64URL_NOPAD.encode(hmac::sign(&key, self.0.as_bytes()).as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTERS: UserCodes = UserCodes { charset: UserCodeCharset::Base20, length: 8 };
    const NUMBERS: UserCodes = UserCodes { charset: UserCodeCharset::Numeric, length: 6 };

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = LETTERS.read("WDJBMJHT").unwrap();
        for typed in ["WDJB-MJHT", "wdjb mjht", " wDjB.MjHt\n", "w-d-j-b-m-j-h-t", "WDJB–MJHT"] {
            assert_eq!(LETTERS.read(typed), Some(code.clone()), "{typed}");
        }
        for wrong in ["", "WDJBMJH", "WDJBMJHTT", "WDJBMJHA", "12345678", "WDJBMJHТ", &"W".repeat(2000)] {
            assert_eq!(LETTERS.read(wrong), None, "{wrong}");
        }
        assert!(NUMBERS.read("123-456").is_some());
        assert!(NUMBERS.read("١٢٣٤٥٦").is_none());
    }

    #[test]
    fn a_drawn_code_can_be_read_and_uses_every_character() {
        let mut count = 0_u64;
        let mut next = || {
            count = count.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (count >> 16).to_be_bytes()
        };
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..100 {
            let text = LETTERS.draw(&mut next).into_text();
            assert!(LETTERS.read(&text).is_some_and(|code| code.into_text() == text), "{text}");
            seen.extend(text.bytes());
        }
        assert_eq!(seen.len(), BASE20.len());
    }

    #[test]
    fn short_codes_allow_fewer_guesses() {
        let codes = |charset, length| UserCodes { charset, length }.guesses();
        assert_eq!(codes(UserCodeCharset::Base20, 8), 6103);
        assert_eq!(codes(UserCodeCharset::Base20, 6), 15);
        assert_eq!(codes(UserCodeCharset::Numeric, 8), 23);
        assert_eq!(codes(UserCodeCharset::Numeric, 4), 5);
        assert_eq!(codes(UserCodeCharset::Base20, 255), 10_000);
    }

    #[test]
    fn few_codes_are_too_few() {
        let hard = |charset, length| UserCodes { charset, length }.is_hard_to_guess();
        assert!(hard(UserCodeCharset::Base20, 6) && !hard(UserCodeCharset::Base20, 5));
        assert!(hard(UserCodeCharset::Numeric, 8) && !hard(UserCodeCharset::Numeric, 7));
    }

    #[test]
    fn marks_of_other_services_differ() {
        let code = NUMBERS.read("123456").unwrap();
        assert_ne!(code.mark(&[1; 32]), code.mark(&[2; 32]));
        assert_ne!(code.mark(&[1; 32]), NUMBERS.read("123457").unwrap().mark(&[1; 32]));
    }
}
