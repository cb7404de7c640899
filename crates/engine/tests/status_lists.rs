//! Status lists: every credential has an entry of its own, and a status reaches the entry that it is meant for alone.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use placet_api::{EndpointId, PathValues};
use placet_base::registry::JwsAlg;
use placet_engine::budgets::{STATUS_LIST_ENTRIES, SUBJECT_CREDENTIALS};
use placet_jose::Parsed;
use placet_testkit::World;
use placet_vc::status::{INVALID, Reference, SUSPENDED, StatusList, VALID};
use serde_json::{Value, json};

const GRANT: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code";

struct Issuer {
    world: World,
    token: String,
}

impl Issuer {
    fn new() -> Self {
        let (world, client, secret) = World::with_service_and_client();
        let mut issuer = Self { world, token: String::new() };
        let key = placet_jose::generate(JwsAlg::Es256).unwrap();
        let configurations = json!({ "id": { "format": "dc+sd-jwt", "vct": "urn:id" } });
        let mut service = issuer.call(EndpointId::service_get, &json!({}));
        service["verifiableCredentialsEnabled"] = true.into();
        service["oid4vciVersion"] = "1.0".into();
        service["credentialJwks"] = json!({ "keys": [key] }).to_string().into();
        service["credentialStatusListUri"] = "https://issuer.example/status".into();
        service["credentialIssuerMetadata"] = json!({
            "credentialIssuer": "https://issuer.example",
            "credentialEndpoint": "https://issuer.example/credential",
            "credentialsSupported": configurations.to_string(),
        });
        issuer.call(EndpointId::service_update, &service);
        let offer = json!({
            "credentialConfigurationIds": ["id"], "preAuthorizedCodeGrantIncluded": true, "subject": "john",
        });
        let code = issuer.call(EndpointId::vci_offer_create, &offer)["info"]["preAuthorizedCode"].clone();
        let parameters = format!("grant_type={GRANT}&pre-authorized_code={}", code.as_str().unwrap());
        let request = json!({ "parameters": parameters, "clientId": client, "clientSecret": secret });
        let token = issuer.call(EndpointId::token, &request)["accessToken"].clone();
        issuer.token = token.as_str().unwrap().to_owned();
        issuer
    }

    fn call(&self, endpoint: EndpointId, request: &Value) -> Value {
        let token = Some(self.world.organization_token.as_str());
        self.world.call(endpoint, token, PathValues::default(), request.as_object().unwrap()).body
    }

    /// The entry of a new credential.
    fn issued(&self) -> Reference {
        let content = json!({ "credential_configuration_id": "id" }).to_string();
        let request = json!({ "accessToken": self.token, "requestContent": content });
        let parsed = self.call(EndpointId::vci_single_parse, &request);
        let order = json!({ "requestIdentifier": parsed["info"]["identifier"], "credentialPayload": "{}" });
        let request = json!({ "accessToken": self.token, "order": order });
        let answer = self.call(EndpointId::vci_single_issue, &request);
        let content: Value = serde_json::from_str(answer["responseContent"].as_str().unwrap()).unwrap();
        let credential = content["credentials"][0]["credential"].as_str().unwrap();
        let jwt = credential.split('~').next().unwrap();
        let claims = Parsed::parse(jwt).unwrap();
        Reference::read(&claims.unproven_claims()["status"]).unwrap().unwrap()
    }

    fn set(&self, entry: &Reference, status: &str) -> Value {
        let request = json!({ "status": status, "statusListUri": entry.uri, "statusListIndex": entry.idx });
        self.call(EndpointId::vci_status_update, &request)
    }

    fn list(&self) -> StatusList {
        let answer = self.call(EndpointId::vci_status_list, &json!({ "identifier": "1" }));
        let parsed = Parsed::parse(answer["responseContent"].as_str().unwrap()).unwrap();
        StatusList::read(&parsed.unproven_claims()["status_list"]).unwrap()
    }
}

// shows STATUS-LIST 13.2/drawn HAIP 6.1/own-entry
#[test]
fn entries_are_drawn_and_a_status_reaches_its_own() {
    let issuer = Issuer::new();
    let entries: Vec<_> = (0..40).map(|_| issuer.issued()).collect();
    assert!(entries.iter().all(|entry| entry.uri == "https://issuer.example/status/1"));
    let drawn: Vec<_> = entries.iter().map(|entry| entry.idx).collect();
    assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), drawn.len());
    // They neither follow each other nor stay in one part of the list.
    let rising = drawn.iter().zip(drawn.iter().skip(1)).filter(|(one, next)| one < next).count();
    assert!((8..32).contains(&rising), "{drawn:?}");
    assert!(drawn.iter().any(|idx| *idx < STATUS_LIST_ENTRIES / 4));
    assert!(drawn.iter().any(|idx| *idx > STATUS_LIST_ENTRIES / 4 * 3));
    assert_eq!(issuer.set(&entries[3], "INVALID")["count"], 1);
    assert_eq!(issuer.set(&entries[7], "SUSPENDED")["count"], 1);
    let list = issuer.list();
    assert_eq!(list.entries(), STATUS_LIST_ENTRIES);
    for idx in 0..list.entries() {
        let expected = match idx {
            idx if idx == drawn[3] => INVALID,
            idx if idx == drawn[7] => SUSPENDED,
            _ => VALID,
        };
        assert_eq!(list.get(idx), Some(expected), "{idx}");
    }
}

#[test]
fn all_credentials_of_a_user_are_gone_through_step_by_step() {
    let issuer = Issuer::new();
    for _ in 0..=SUBJECT_CREDENTIALS {
        issuer.issued();
    }
    let end = |cursor: &Value| {
        let request = json!({ "status": "INVALID", "subject": "john", "cursor": cursor });
        issuer.call(EndpointId::vci_status_update, &request)
    };
    let first = end(&Value::Null);
    assert_eq!(first["count"].as_u64(), Some(SUBJECT_CREDENTIALS as u64));
    let last = end(&first["cursor"]);
    assert_eq!((last["count"].as_u64(), &last["cursor"]), (Some(1), &Value::Null));
    let list = issuer.list();
    let ended = (0..list.entries()).filter(|idx| list.get(*idx) == Some(INVALID)).count();
    assert_eq!(ended, SUBJECT_CREDENTIALS + 1);
}
