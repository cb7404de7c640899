//! `placet service profile`: what every request of a service is judged by. A profile goes over the settings, and demands
//! only more than they do; going from one to another may demand less of something, and is said so.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use crate::confirm::Confirmation;
use crate::edit::{Editor, Subject};
use crate::exit::Done;

#[derive(Args)]
pub(crate) struct Options {
    /// The profile to put the service under; without it, the present one is shown.
    #[arg(value_enum, id = "profile-name", value_name = "PROFILE")]
    profile: Option<Profile>,
    #[command(flatten)]
    confirmation: Confirmation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// None but the service's settings.
    Basic,
    /// OAuth 2.1.
    #[value(name = "oauth-2.1")]
    Oauth21,
    /// FAPI 1.0 Baseline.
    Fapi1Baseline,
    /// FAPI 1.0 Advanced.
    Fapi1Advanced,
    /// FAPI 2.0 Security Profile.
    Fapi2,
    /// FAPI 2.0 with signed requests, answers and introspection (Message Signing).
    Fapi2MessageSigning,
    /// OpenID4VC High Assurance Interoperability Profile.
    Haip,
    /// Open Banking UK.
    OpenBankingUk,
    /// Open Finance Brasil.
    OpenBankingBrazil,
    /// Consumer Data Right, Australia.
    ConsumerDataRightAu,
}

/// The attribute that names profiles for which the API has no setting.
const ATTRIBUTE: &str = "profile";

impl Profile {
    fn modes(self) -> &'static [&'static str] {
        match self {
            Self::Fapi1Baseline => &["FAPI1_BASELINE"],
            Self::Fapi1Advanced => &["FAPI1_ADVANCED"],
            Self::Fapi2 => &["FAPI2_SECURITY"],
            Self::Fapi2MessageSigning => &[
                "FAPI2_MESSAGE_SIGNING_AUTH_REQ",
                "FAPI2_MESSAGE_SIGNING_AUTH_RES",
                "FAPI2_MESSAGE_SIGNING_INTROSPECTION_RES",
            ],
            _ => &[],
        }
    }

    fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Oauth21 => Some("oauth_2_1"),
            Self::OpenBankingUk => Some("open_banking_uk"),
            Self::OpenBankingBrazil => Some("open_banking_brazil"),
            Self::ConsumerDataRightAu => Some("consumer_data_right_au"),
            _ => None,
        }
    }

    fn patch(self, service: &Map<String, Value>) -> Map<String, Value> {
        let attributes = service.get("attributes").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut attributes: Vec<_> = attributes.into_iter().filter(|pair| pair["key"] != ATTRIBUTE).collect();
        attributes.extend(self.attribute().map(|name| json!({ "key": ATTRIBUTE, "value": name })));
        let given = |values: Vec<Value>| if values.is_empty() { Value::Null } else { Value::Array(values) };
        let modes = self.modes().iter().map(|mode| Value::from(*mode)).collect();
        let haip = if self == Self::Haip { Value::from("1.0") } else { Value::Null };
        let members = [("fapiModes", given(modes)), ("attributes", given(attributes)), ("haipVersion", haip)];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// What a service says itself to be under.
    fn present(service: &Map<String, Value>) -> Value {
        let attributes = service.get("attributes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let named: Vec<_> =
            attributes.iter().filter(|pair| pair["key"] == ATTRIBUTE).map(|pair| &pair["value"]).collect();
        let modes = service.get("fapiModes").cloned().unwrap_or_else(|| json!([]));
        json!({ "fapiModes": modes, "haipVersion": service.get("haipVersion"), "profiles": named })
    }

    fn is_free(service: &Map<String, Value>) -> bool {
        let present = Self::present(service);
        let none = |member: &str| present[member].as_array().is_none_or(Vec::is_empty);
        none("fapiModes") && none("profiles") && present["haipVersion"].is_null()
    }
}

pub(crate) async fn run(options: &Options, editor: Editor<'_>) -> Done {
    let service = Subject::Service.read(editor.api).await?.members;
    let Some(profile) = options.profile else { return editor.output.members(&Profile::present(&service)) };
    match Profile::is_free(&service) {
        true => editor.output.say("a profile demands no less than the settings do: this only tightens")?,
        false => editor.output.say("the service is under a profile: what that one demanded, and the new one does not, is demanded no more")?,
    }
    editor.change(&Subject::Service, profile.patch(&service), options.confirmation).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_a_change_of_a_service_and_leaves_other_attributes() {
        let service =
            json!({ "attributes": [{ "key": "mine", "value": "1" }, { "key": "profile", "value": "x" }] });
        let service = service.as_object().unwrap();
        for profile in Profile::value_variants() {
            let patch = Value::Object(profile.patch(service));
            crate::members::read::<placet_sdk::types::Service>(&patch).unwrap();
            assert_eq!(patch["attributes"][0]["key"], "mine");
        }
        assert!(!Profile::is_free(service));
    }
}
