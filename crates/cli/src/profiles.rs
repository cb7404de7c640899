//! `placet service profile`: what every request of a service is judged by. A profile goes over the settings and demands
//! only more than they do, and one more takes nothing of what the others demand away: that is proven before it is done.

use clap::{Args, ValueEnum};
use placet_api::documents::ApiDocument as _;
use placet_sdk::profiles::{self, tightens};
use placet_sdk::types;
use serde_json::{Map, Value, json};

use crate::confirm::Confirmation;
use crate::edit::{Editor, Subject};
use crate::exit::{Done, Failure};

#[derive(Args)]
pub(crate) struct Options {
    /// The profile to put the service under, besides those that it is under; without it, the present ones are shown.
    #[arg(value_enum, id = "profile-name", value_name = "PROFILE")]
    profile: Option<Profile>,
    /// Have it be the only one. What the others demanded, and this one does not, is demanded no more.
    #[arg(long, requires = "profile-name")]
    loosen: bool,
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
    /// The profiles of the SDK that it stands for.
    fn ids(self) -> &'static [&'static str] {
        match self {
            Self::Basic => &[],
            Self::Oauth21 => &["oauth-2-1"],
            Self::Fapi1Baseline => &["fapi-1-baseline"],
            Self::Fapi1Advanced => &["fapi-1-advanced"],
            Self::Fapi2 => &["fapi-2"],
            Self::Fapi2MessageSigning => &["fapi-2-requests", "fapi-2-responses", "fapi-2-introspection"],
            Self::Haip => &["haip"],
            Self::OpenBankingUk => &["open-banking-uk"],
            Self::OpenBankingBrazil => &["open-banking-brazil"],
            Self::ConsumerDataRightAu => &["cdr-au"],
        }
    }

    /// What puts the service under it.
    fn change(self, service: &Map<String, Value>) -> Result<Map<String, Value>, Failure> {
        let (mut document, mut changes) = (service.clone(), Map::new());
        for profile in self.ids().iter().filter_map(|id| profiles::named(id)) {
            let read = types::Service::from_members(Value::Object(document.clone()));
            let change = profile.change(&read.map_err(|e| Failure::failed(e.to_string()))?);
            document.extend(change.clone());
            changes.extend(change);
        }
        Ok(changes)
    }
}

/// What a service says itself to be under.
fn present(service: &Map<String, Value>) -> Value {
    let named: Vec<_> =
        attributes(service).filter(|pair| pair["key"] == ATTRIBUTE).map(|pair| &pair["value"]).collect();
    let modes = service.get("fapiModes").cloned().unwrap_or_else(|| json!([]));
    json!({ "fapiModes": modes, "haipVersion": service.get("haipVersion"), "profiles": named })
}

fn attributes(service: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    service.get("attributes").and_then(Value::as_array).into_iter().flatten()
}

/// What takes every profile away, and no other attribute.
fn freed(service: &Map<String, Value>) -> Map<String, Value> {
    let others: Vec<_> = attributes(service).filter(|pair| pair["key"] != ATTRIBUTE).cloned().collect();
    let others = if others.is_empty() { Value::Null } else { Value::Array(others) };
    let members = [("fapiModes", Value::Null), ("attributes", others), ("haipVersion", Value::Null)];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub(crate) async fn run(options: &Options, editor: Editor<'_>) -> Done {
    let service = Subject::Service.read(editor.api).await?.members;
    let Some(profile) = options.profile else { return editor.output.members(&present(&service)) };
    let patch = if options.loosen { alone(profile, &service)? } else { proven(profile, &service)? };
    match tightens(&service, &patch) {
        true => editor.output.say("nothing is allowed then that was not before: this only tightens")?,
        false => editor
            .output
            .say("what the present profiles demand, and the new one does not, is demanded no more")?,
    }
    editor.change(&Subject::Service, patch, options.confirmation).await
}

/// The change, if it is proven to tighten.
fn proven(profile: Profile, service: &Map<String, Value>) -> Result<Map<String, Value>, Failure> {
    let patch = profile.change(service)?;
    match profile != Profile::Basic && tightens(service, &patch) {
        true => Ok(patch),
        false => Err(Failure::usage("this is not proven to tighten; --loosen has it done all the same")),
    }
}

/// What leaves the service under this profile alone.
fn alone(profile: Profile, service: &Map<String, Value>) -> Result<Map<String, Value>, Failure> {
    let mut patch = freed(service);
    let mut document = service.clone();
    document.extend(patch.clone());
    document.retain(|_, value| !value.is_null());
    patch.extend(profile.change(&document)?);
    Ok(patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_known_and_leaves_other_attributes() {
        let service = json!({ "attributes": [{ "key": "mine", "value": "1" }, { "key": "profile", "value": "oauth_2_1" }] });
        let service = service.as_object().unwrap();
        for profile in Profile::value_variants() {
            assert!(profile.ids().iter().all(|id| profiles::named(id).is_some()), "{profile:?}");
            let patch = alone(*profile, service).unwrap();
            assert_eq!(patch["attributes"][0]["key"], "mine");
            crate::members::read::<types::Service>(&Value::Object(patch)).unwrap();
        }
    }

    #[test]
    fn what_is_not_proven_to_tighten_is_not_done() {
        let service = json!({ "fapiModes": ["FAPI1_BASELINE"] });
        let service = service.as_object().unwrap();
        let patch = proven(Profile::Fapi2, service).unwrap();
        assert_eq!(patch["fapiModes"], json!(["FAPI1_BASELINE", "FAPI2_SECURITY"]));
        assert_eq!(proven(Profile::Basic, service).unwrap_err().exit, crate::exit::Exit::Usage);
        assert!(!tightens(service, &alone(Profile::Oauth21, service).unwrap()));
        assert!(tightens(&Map::new(), &proven(Profile::Haip, &Map::new()).unwrap()));
    }
}
