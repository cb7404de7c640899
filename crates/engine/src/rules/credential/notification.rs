//! OpenID for Verifiable Credential Issuance 1.0 §11.1 – what a wallet says of what was issued to it

use placet_api::Reason;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::budgets::EVENT_DESCRIPTION;
use crate::fault::Fault;
use crate::rules::unrepeated;

/// What became of the credentials of one response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationEvent {
    /// The wallet has them.
    CredentialAccepted,
    /// The user did not want them.
    CredentialDeleted,
    /// The wallet does not have them, for another reason.
    CredentialFailure,
}

impl NotificationEvent {
    pub fn name(self) -> &'static str {
        match self {
            Self::CredentialAccepted => "credential_accepted",
            Self::CredentialDeleted => "credential_deleted",
            Self::CredentialFailure => "credential_failure",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::CredentialAccepted, Self::CredentialDeleted, Self::CredentialFailure]
            .into_iter()
            .find(|event| event.name() == name)
    }
}

/// A notification request; members that are not known are nothing (§11.1).
#[derive(Debug)]
pub struct Notification {
    /// `notification_id`
    pub id: String,
    pub event: NotificationEvent,
    /// `event_description`
    pub description: Option<String>,
}

impl Notification {
    pub fn parse(content: &str) -> Result<Self, Fault> {
        let members = unrepeated::object(content)
            .ok_or_else(|| malformed("it is no JSON object of different members"))?;
        let id = members.get("notification_id").and_then(Value::as_str);
        let event = members.get("event").and_then(Value::as_str).and_then(NotificationEvent::parse);
        Ok(Self {
            id: id.ok_or_else(|| malformed("it lacks 'notification_id'"))?.to_owned(),
            event: event.ok_or_else(|| malformed("its 'event' is none of the three"))?,
            description: members.get("event_description").map(description).transpose()?,
        })
    }
}

fn description(value: &Value) -> Result<String, Fault> {
    let text = value.as_str().filter(|text| text.len() <= EVENT_DESCRIPTION && text.bytes().all(is_shown));
    Ok(text
        .ok_or_else(|| malformed("its 'event_description' is too long, or has other characters"))?
        .to_owned())
}

/// RFC 6749, appendix A.8, which §11.1 repeats.
fn is_shown(byte: u8) -> bool {
    matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

fn malformed(what: &str) -> Fault {
    Reason::NotificationMalformed { what: what.to_owned() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_the_characters_of_the_specification_and_no_more_than_its_budget() {
        let of = |text: &str| {
            let content = serde_json::json!({
                "notification_id": "x", "event": "credential_failure", "event_description": text
            });
            Notification::parse(&content.to_string()).map(|read| read.description)
        };
        assert_eq!(of("Out of storage.").unwrap().as_deref(), Some("Out of storage."));
        assert_eq!(
            of(&"x".repeat(EVENT_DESCRIPTION)).unwrap().map(|text| text.len()),
            Some(EVENT_DESCRIPTION)
        );
        for wrong in ["\"", "\\", "\n", "\u{7f}", "é", &"x".repeat(EVENT_DESCRIPTION + 1)] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
    }
}
