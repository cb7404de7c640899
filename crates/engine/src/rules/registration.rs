//! RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2, RFC 7592 §2.2 – client metadata, and the
//! properties that they are

mod check;
pub mod ownership;
mod statement;
mod table;

pub use check::{Checked, sector_covers};
pub use statement::with_statement;
pub use table::{Form, TABLE};

use placet_api::Reason;
use placet_base::registry::{
    ApplicationType, ClientAuthMethod, ClientRegistrationType, GrantType, JweAlg, JweEnc, JwsAlg,
    ResponseMode, ResponseType, SubjectType,
};
use placet_base::url::WebUrl;
use placet_jose::JwkSet;
use serde_json::{Map, Value, json};

use crate::budgets::REGISTRATION_METADATA;
use crate::fault::Fault;

pub type Metadata = Map<String, Value>;

/// The scope of initial access tokens (RFC 7591 §1.2 leaves open what makes a token one). Without it any access
/// token of any client would open the registration.
pub const INITIAL_ACCESS: &str = "client_registration";

/// Reads the body of a registration request.
pub fn parse(text: Option<&str>) -> Result<Metadata, Fault> {
    let text = text.filter(|text| !text.trim().is_empty()).ok_or(Reason::MetadataEmpty {})?;
    if text.len() > REGISTRATION_METADATA {
        return Err(Reason::MetadataTooLarge {}.into());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Reason::MetadataMalformed {}.into()),
    }
}

/// The properties that the metadata are. Members that mean nothing here, and those that only the server
/// sets, are left out (RFC 7591 §2: the server ignores what it does not understand).
pub fn properties(metadata: &Metadata, custom: &[String]) -> Result<Map<String, Value>, Fault> {
    let mut properties = Map::new();
    for (name, property, form) in TABLE {
        if let Some(value) = metadata.get(*name).filter(|value| !value.is_null()) {
            properties.insert((*property).to_owned(), form.read(name, value)?);
        }
        if let Some(localized) = form.localized() {
            let tagged = tagged(metadata, name)?;
            if !tagged.is_empty() {
                properties.insert(localized.to_owned(), tagged.into());
            }
        }
    }
    let kept: Map<_, _> =
        custom.iter().filter_map(|name| Some((name.clone(), metadata.get(name)?.clone()))).collect();
    if !kept.is_empty() {
        properties.insert("customMetadata".to_owned(), Value::Object(kept).to_string().into());
    }
    Ok(properties)
}

/// RFC 7591 §2.2: `client_name#ja` and its like.
fn tagged(metadata: &Metadata, name: &str) -> Result<Vec<Value>, Fault> {
    let prefix = format!("{name}#");
    let members = metadata.iter().filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?, value)));
    members
        .map(|(tag, value)| {
            let text = value.as_str().ok_or_else(|| wrong(name, "a text"))?;
            Ok(json!({ "tag": tag, "value": text }))
        })
        .collect()
}

fn wrong(name: &str, expected: &str) -> Fault {
    Reason::MetadataInvalid { name: name.to_owned(), expected: expected.to_owned() }.into()
}

/// A value of a registry by the name that the protocol has for it, as the API writes it.
fn registered(form: Form, text: &str) -> Option<&'static str> {
    Some(match form {
        Form::GrantTypes => GrantType::from_protocol(text)?.api_name(),
        Form::ResponseTypes => ResponseType::parse(text)?.api_name(),
        Form::ResponseModes => ResponseMode::from_protocol(text)?.api_name(),
        Form::AuthMethod => ClientAuthMethod::from_protocol(text)?.api_name(),
        Form::Jws => JwsAlg::from_protocol(text)?.api_name(),
        Form::JweAlg => JweAlg::from_protocol(text)?.api_name(),
        Form::JweEnc => JweEnc::from_protocol(text)?.api_name(),
        Form::SubjectType => SubjectType::from_protocol(text)?.api_name(),
        Form::ApplicationType => ApplicationType::from_protocol(text)?.api_name(),
        Form::RegistrationTypes => ClientRegistrationType::from_protocol(text)?.api_name(),
        Form::Text
        | Form::LocalizedText(_)
        | Form::Uri
        | Form::LocalizedUri(_)
        | Form::Texts
        | Form::Flag
        | Form::Seconds
        | Form::KeySet
        | Form::Delivery => return None,
    })
}

/// The other direction.
fn protocol(form: Form, name: &str) -> Option<&'static str> {
    fn named<T: Copy>(all: &[T], api: fn(T) -> &'static str, name: &str) -> Option<T> {
        all.iter().copied().find(|value| api(*value) == name)
    }
    Some(match form {
        Form::GrantTypes => named(GrantType::ALL, GrantType::api_name, name)?.protocol_name(),
        Form::ResponseTypes => named(ResponseType::ALL, ResponseType::api_name, name)?.protocol_name(),
        Form::ResponseModes => named(ResponseMode::ALL, ResponseMode::api_name, name)?.protocol_name(),
        Form::AuthMethod => named(ClientAuthMethod::ALL, ClientAuthMethod::api_name, name)?.protocol_name(),
        Form::Jws => named(JwsAlg::ALL, JwsAlg::api_name, name)?.protocol_name(),
        Form::JweAlg => named(JweAlg::ALL, JweAlg::api_name, name)?.protocol_name(),
        Form::JweEnc => named(JweEnc::ALL, JweEnc::api_name, name)?.protocol_name(),
        Form::SubjectType => named(SubjectType::ALL, SubjectType::api_name, name)?.protocol_name(),
        Form::ApplicationType => {
            named(ApplicationType::ALL, ApplicationType::api_name, name)?.protocol_name()
        }
        Form::RegistrationTypes => {
            named(ClientRegistrationType::ALL, ClientRegistrationType::api_name, name)?.protocol_name()
        }
        Form::Text
        | Form::LocalizedText(_)
        | Form::Uri
        | Form::LocalizedUri(_)
        | Form::Texts
        | Form::Flag
        | Form::Seconds
        | Form::KeySet
        | Form::Delivery => return None,
    })
}

impl Form {
    /// The value of a member as a property.
    fn read(self, name: &str, value: &Value) -> Result<Value, Fault> {
        let text = |expected: &str| value.as_str().ok_or_else(|| wrong(name, expected));
        match self {
            Self::Text | Self::LocalizedText(_) => Ok(text("a text")?.into()),
            Self::Uri | Self::LocalizedUri(_) => {
                let uri = text("a URI")?;
                WebUrl::parse(uri).map(|_| uri.into()).map_err(|_| wrong(name, "a web URI"))
            }
            Self::Texts => match value.as_array() {
                Some(list) if list.iter().all(Value::is_string) => Ok(value.clone()),
                _ => Err(wrong(name, "a list of texts")),
            },
            Self::Flag => value.as_bool().map(Value::from).ok_or_else(|| wrong(name, "a boolean")),
            Self::Seconds => {
                let number = value.as_u64().and_then(|number| i32::try_from(number).ok());
                number.map(Value::from).ok_or_else(|| wrong(name, "a number of seconds"))
            }
            Self::KeySet => match JwkSet::parse(&value.to_string()) {
                // RFC 7591 §2: public keys.
                Ok(set) if set.keys().iter().all(|jwk| !jwk.is_private() && !jwk.is_symmetric()) => {
                    Ok(value.to_string().into())
                }
                _ => Err(wrong(name, "a JWK Set of public keys")),
            },
            Self::Delivery => {
                let mode = text("poll, ping or push")?;
                let known = ["poll", "ping", "push"].contains(&mode);
                if known {
                    Ok(mode.to_ascii_uppercase().into())
                } else {
                    Err(wrong(name, "poll, ping or push"))
                }
            }
            // OpenID Federation 1.0 §5.1.2: there may be others.
            Self::RegistrationTypes => match value.as_array() {
                Some(list) if list.iter().all(Value::is_string) => {
                    let known = list.iter().filter_map(|one| registered(self, one.as_str()?));
                    Ok(known.collect::<Vec<_>>().into())
                }
                _ => Err(wrong(name, "a list of texts")),
            },
            Self::GrantTypes | Self::ResponseTypes | Self::ResponseModes => {
                let list = value.as_array().ok_or_else(|| wrong(name, "a list of texts"))?;
                let known = list.iter().map(|one| registered(self, one.as_str()?));
                let known: Option<Vec<_>> = known.collect();
                known.map(Value::from).ok_or_else(|| wrong(name, "known values"))
            }
            Self::AuthMethod
            | Self::Jws
            | Self::JweAlg
            | Self::JweEnc
            | Self::SubjectType
            | Self::ApplicationType => {
                let known = registered(self, text("a known value")?);
                known.map(Value::from).ok_or_else(|| wrong(name, "a known value"))
            }
        }
    }

    /// A property as the value of a member; `None` where it says nothing.
    pub fn write(self, value: &Value) -> Option<Value> {
        match self {
            Self::KeySet => serde_json::from_str(value.as_str()?).ok(),
            Self::Delivery => Some(value.as_str()?.to_ascii_lowercase().into()),
            Self::GrantTypes | Self::ResponseTypes | Self::ResponseModes | Self::RegistrationTypes => {
                let list = value.as_array()?.iter();
                Some(list.filter_map(|one| protocol(self, one.as_str()?)).collect::<Vec<_>>().into())
            }
            Self::AuthMethod
            | Self::Jws
            | Self::JweAlg
            | Self::JweEnc
            | Self::SubjectType
            | Self::ApplicationType => Some(protocol(self, value.as_str()?)?.into()),
            Self::Text
            | Self::LocalizedText(_)
            | Self::Uri
            | Self::LocalizedUri(_)
            | Self::Texts
            | Self::Flag
            | Self::Seconds => Some(value.clone()),
        }
    }
}
