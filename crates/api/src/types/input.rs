//! Members that clients write in more than one form.

use serde::{Deserialize, Serialize};

use super::authorization::AuthorizationTicketInfo;
use super::shared::Property;
use crate::objects;

/// What is to be kept with a ticket: published clients send an object, its JSON text, or the text itself.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum TicketInfoInput {
    #[serde(deserialize_with = "objects::within")]
    Object(AuthorizationTicketInfo),
    Text(String),
}

impl TicketInfoInput {
    /// The context, whichever form it came in.
    pub fn into_context(self) -> Option<String> {
        match self {
            Self::Object(info) => info.context,
            Self::Text(text) => match objects::from_str::<AuthorizationTicketInfo>(&text) {
                Ok(AuthorizationTicketInfo { context: Some(context) }) => Some(context),
                _ => Some(text),
            },
        }
    }
}

/// Properties for a token: an array, or the JSON text of one.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum PropertiesInput {
    #[serde(deserialize_with = "objects::within")]
    List(Vec<Property>),
    Text(String),
}

impl PropertiesInput {
    /// The properties; `None` when the text is no array of them.
    pub fn into_list(self) -> Option<Vec<Property>> {
        match self {
            Self::List(list) => Some(list),
            Self::Text(text) if text.is_empty() => Some(Vec::new()),
            Self::Text(text) => objects::from_str(&text).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_context_is_read() {
        for (json, context) in [
            (r#"{"context":"a"}"#, Some("a")),
            (r#""{\"context\":\"a\"}""#, Some("a")),
            (r#""plain""#, Some("plain")),
            (r#""{\"other\":1}""#, Some("{\"other\":1}")),
            ("{}", None),
        ] {
            let input: TicketInfoInput = serde_json::from_str(json).unwrap();
            assert_eq!(input.into_context().as_deref(), context, "{json}");
        }
    }
}
