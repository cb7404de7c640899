//! OpenID for Verifiable Credential Issuance 1.0 §4.1 – what a credential offer can say

use aws_lc_rs::constant_time::verify_slices_are_equal;
use placet_api::Reason;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::budgets::{OFFERED_CREDENTIALS, TRANSACTION_CODE, TRANSACTION_CODE_DESCRIPTION};
use crate::fault::Fault;
use crate::tenant::credential_issuer::CredentialIssuer;

/// Credentials of the issuer.
pub struct Offered(Vec<String>);

impl Offered {
    /// §4.1.1, `credential_configuration_ids`: one at least, none twice, and none that the issuer does not have.
    pub fn parse(names: Option<&[String]>, issuer: &CredentialIssuer) -> Result<Self, Fault> {
        let names = names.filter(|names| !names.is_empty()).ok_or(Reason::OfferCredentialsMissing {})?;
        if names.len() > OFFERED_CREDENTIALS {
            return Err(Reason::OfferCredentialsTooMany { limit: OFFERED_CREDENTIALS.to_string() }.into());
        }
        for (index, name) in names.iter().enumerate() {
            if issuer.configurations.get(name).is_none() {
                return Err(Reason::OfferCredentialUnknown { name: name.clone() }.into());
            }
            if names.iter().take(index).any(|before| before == name) {
                return Err(Reason::OfferCredentialRepeated { name: name.clone() }.into());
            }
        }
        Ok(Self(names.to_vec()))
    }

    pub fn into_names(self) -> Vec<String> {
        self.0
    }
}

/// §4.1.1, `tx_code`: what the user is told apart from the offer, and types into the wallet.
#[derive(Clone, Serialize, Deserialize)]
pub struct TransactionCode {
    pub value: String,
    pub input_mode: InputMode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputMode {
    Numeric,
    Text,
}

impl InputMode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Text => "text",
        }
    }

    /// Without one it is `numeric`.
    fn parse(text: Option<&str>) -> Result<Self, Reason> {
        match text.unwrap_or_default() {
            "" | "numeric" => Ok(Self::Numeric),
            "text" => Ok(Self::Text),
            _ => Err(Reason::OfferInputModeUnknown {}),
        }
    }
}

/// What a user types without asking which letter it is: no I, O, 0 or 1. There are 32, so that no byte is better than others.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

impl InputMode {
    /// A character that follows from a byte; `None` for a byte that would make some likelier than others.
    fn character(self, byte: u8) -> Option<char> {
        match self {
            Self::Numeric => (byte < 250).then(|| char::from(b'0' + byte % 10)),
            Self::Text => LETTERS.get(usize::from(byte % 32)).copied().map(char::from),
        }
    }
}

impl TransactionCode {
    /// A code of so many characters, of what `fill` draws.
    pub fn drawn(
        length: usize,
        (input_mode, description): (Option<&str>, Option<&str>),
        mut fill: impl FnMut() -> [u8; 32],
    ) -> Result<Self, Fault> {
        let mode = InputMode::parse(input_mode)?;
        let mut value = String::new();
        while value.len() < length {
            let characters = fill().into_iter().filter_map(|byte| mode.character(byte));
            value.extend(characters.take(length - value.len()));
        }
        match Self::parse(Some(&value), input_mode, description)? {
            Some(code) => Ok(code),
            None => Err(Fault::server("a transaction code of no characters")),
        }
    }

    /// What is said about a code without one would have no effect.
    pub fn parse(
        value: Option<&str>,
        input_mode: Option<&str>,
        description: Option<&str>,
    ) -> Result<Option<Self>, Fault> {
        let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let (value, description) = (given(value), given(description));
        let Some(value) = value else {
            return match given(input_mode).or(description) {
                Some(_) => Err(Reason::OfferTransactionCodeMissing {}.into()),
                None => Ok(None),
            };
        };
        let input_mode = InputMode::parse(input_mode)?;
        if value.chars().count() > TRANSACTION_CODE {
            return Err(Reason::OfferTransactionCodeTooLong { limit: TRANSACTION_CODE.to_string() }.into());
        }
        if input_mode == InputMode::Numeric && !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Reason::OfferTransactionCodeNotNumeric {}.into());
        }
        if description.as_ref().is_some_and(|text| text.chars().count() > TRANSACTION_CODE_DESCRIPTION) {
            let limit = TRANSACTION_CODE_DESCRIPTION.to_string();
            return Err(Reason::OfferDescriptionTooLong { limit }.into());
        }
        Ok(Some(Self { value, input_mode, description }))
    }

    /// What a wallet is told of it.
    fn json(&self) -> Value {
        let mut members =
            json!({ "input_mode": self.input_mode.name(), "length": self.value.chars().count() });
        if let Some(description) = &self.description {
            members["description"] = description.as_str().into();
        }
        members
    }
}

/// The right transaction code was typed, or none is wanted.
pub struct TransactionCodeShown(());

/// Why it was not.
pub enum TransactionCodeFault {
    /// §6.3: `invalid_request`. Nothing was guessed.
    Shape(Fault),
    /// §6.3: `invalid_grant`.
    Wrong(Fault),
}

/// §6.1: `tx_code` comes where the offer has one, and nowhere else.
pub fn shown(
    expected: Option<&TransactionCode>,
    typed: Option<&str>,
) -> Result<TransactionCodeShown, TransactionCodeFault> {
    use TransactionCodeFault::{Shape, Wrong};
    match (expected, typed) {
        (None, None) => Ok(TransactionCodeShown(())),
        (None, Some(_)) => Err(Shape(Reason::TransactionCodeUnexpected {}.into())),
        (Some(_), None) => Err(Shape(Reason::TransactionCodeMissing {}.into())),
        (Some(code), Some(typed)) => match verify_slices_are_equal(code.value.as_bytes(), typed.as_bytes()) {
            Ok(()) => Ok(TransactionCodeShown(())),
            Err(_) => Err(Wrong(Reason::TransactionCodeWrong {}.into())),
        },
    }
}

/// The grants that an offer names, by what goes into each.
pub struct OfferedGrants<'a> {
    /// With `issuer_state`, if there is one.
    pub authorization_code: Option<Option<&'a str>>,
    pub pre_authorized: Option<(&'a str, Option<&'a TransactionCode>)>,
}

/// §4.1.1: the offer as a wallet reads it.
pub fn document(issuer: &str, names: &[String], grants: &OfferedGrants<'_>) -> Value {
    let mut members = Map::new();
    if let Some(state) = grants.authorization_code {
        let state = state.map_or_else(|| json!({}), |state| json!({ "issuer_state": state }));
        members.insert("authorization_code".to_owned(), state);
    }
    if let Some((code, transaction_code)) = grants.pre_authorized {
        let mut grant = json!({ "pre-authorized_code": code });
        if let Some(transaction_code) = transaction_code {
            grant["tx_code"] = transaction_code.json();
        }
        members.insert("urn:ietf:params:oauth:grant-type:pre-authorized_code".to_owned(), grant);
    }
    let mut offer = json!({ "credential_issuer": issuer, "credential_configuration_ids": names });
    if !members.is_empty() {
        offer["grants"] = members.into();
    }
    offer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_is_drawn_is_one_that_may_be_chosen() {
        let mut turn = 0_u8;
        let mut fill = || {
            turn = turn.wrapping_add(37);
            std::array::from_fn(|at| turn.wrapping_mul(29).wrapping_add(at as u8))
        };
        for length in [4, TRANSACTION_CODE] {
            let digits = TransactionCode::drawn(length, (None, None), &mut fill).unwrap();
            assert!(digits.value.len() == length && digits.value.bytes().all(|byte| byte.is_ascii_digit()));
            let text = TransactionCode::drawn(length, (Some("text"), Some("SMS")), &mut fill).unwrap();
            assert!(text.value.len() == length && text.value.bytes().all(|byte| LETTERS.contains(&byte)));
            assert_eq!((text.input_mode, text.description.as_deref()), (InputMode::Text, Some("SMS")));
        }
        assert!(TransactionCode::drawn(4, (Some("other"), None), &mut fill).is_err());
    }

    #[test]
    fn no_character_is_likelier_than_others() {
        for (mode, kinds) in [(InputMode::Numeric, 10), (InputMode::Text, 32)] {
            let mut counts = std::collections::BTreeMap::new();
            for character in (0..=u8::MAX).filter_map(|byte| mode.character(byte)) {
                *counts.entry(character).or_insert(0) += 1;
            }
            let all: std::collections::BTreeSet<_> = counts.values().collect();
            assert_eq!((counts.len(), all.len()), (kinds, 1));
        }
    }
}
