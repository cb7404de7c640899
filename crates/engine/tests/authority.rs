//! Every operation, called with a token of every kind: who is let in is known for each.
//!
//! The list below repeats what the endpoint table says, from the other side: a row whose authority changes
//! fails here until somebody has said again that it should.

use placet_api::endpoints::ALL;
use placet_api::{EndpointId, PathValues, Right};
use placet_testkit::World;
use serde_json::{Map, Value, json};

/// What a row is about, and so which tokens may call it.
#[derive(Clone, Copy, PartialEq)]
enum About {
    /// Nobody needs a token.
    Nothing,
    /// The token that calls.
    Token,
    /// The service of the path or of the body, as a whole.
    Service,
    /// The client of the path.
    Client,
    /// The service, of which a token for one client sees a little.
    View,
    /// Whatever the token reaches.
    Reach,
    /// The organization that the body names.
    Organization,
    /// The organization of the caller.
    OwnOrganization,
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn about(id: EndpointId) -> (About, Right) {
    use About::{Client, Organization, OwnOrganization, Reach, Service, View};
    use EndpointId as Id;
    match id {
        Id::authorization
        | Id::authorization_issue
        | Id::authorization_fail
        | Id::authorization_ticket_info
        | Id::authorization_ticket_update
        | Id::pushed_auth_req
        | Id::token
        | Id::token_issue
        | Id::token_fail
        | Id::token_exchange
        | Id::idtoken_reissue
        | Id::backchannel_authentication
        | Id::backchannel_authentication_issue
        | Id::backchannel_authentication_fail
        | Id::backchannel_authentication_complete
        | Id::device_authorization
        | Id::device_verification
        | Id::device_complete
        | Id::gm
        | Id::nativesso
        | Id::nativesso_logout
        | Id::token_create
        | Id::token_create_batch
        | Id::token_create_batch_status
        | Id::token_update
        | Id::token_delete
        | Id::token_revoke
        | Id::token_get_list
        | Id::revocation
        | Id::userinfo
        | Id::userinfo_issue
        | Id::service_configuration
        | Id::service_configuration_post
        | Id::service_jwks_get
        | Id::client_registration
        | Id::client_registration_get
        | Id::client_registration_update
        | Id::client_registration_delete
        | Id::backchannel_logout_token
        | Id::attestation_challenge
        | Id::federation_configuration
        | Id::federation_jwks
        | Id::federation_registration
        | Id::vci_metadata
        | Id::vci_jwtissuer
        | Id::vci_jwks
        | Id::vci_nonce
        | Id::vci_offer_create
        | Id::vci_offer_info
        | Id::vci_single_parse
        | Id::vci_single_issue
        | Id::vci_batch_parse
        | Id::vci_batch_issue
        | Id::vci_deferred_parse
        | Id::vci_deferred_issue
        | Id::vci_notification
        | Id::vci_status_list
        | Id::vci_status_update
        | Id::hsk_get
        | Id::hsk_get_list
        | Id::jose_verify => (Service, Right::UseService),
        Id::introspection | Id::introspection_standard => (Service, Right::UseIntrospection),
        Id::service_get | Id::client_get_list => (View, Right::ViewClient),
        Id::service_get_list => (Reach, Right::ViewClient),
        Id::service_update
        | Id::service_patch
        | Id::hsk_create
        | Id::hsk_delete
        | Id::hsk_delete_get
        | Id::servicetoken_create
        | Id::servicetoken_all
        | Id::servicetoken_update
        | Id::servicetoken_rotate
        | Id::servicetoken_revoke => (Service, Right::ModifyService),
        Id::service_delete | Id::organization_service_remove => (Service, Right::DeleteService),
        Id::client_create => (Service, Right::CreateClient),
        Id::client_authorization_get_list
        | Id::client_grants_get_list
        | Id::client_authorization_get_list_post
        | Id::client_authorization_get_list_by_subject => (Service, Right::ModifyClient),
        Id::client_get
        | Id::client_granted_scopes_get
        | Id::client_grants_get
        | Id::client_granted_scopes_get_post
        | Id::client_granted_scopes_get_by_subject
        | Id::client_requestable_scopes_get => (Client, Right::ViewClient),
        Id::client_update
        | Id::client_patch
        | Id::client_delete
        | Id::client_lock_flag_update
        | Id::client_secret_refresh
        | Id::client_secret_update
        | Id::client_authorization_update
        | Id::client_authorization_delete
        | Id::client_authorization_delete_post
        | Id::client_authorization_delete_by_subject
        | Id::client_granted_scopes_delete
        | Id::client_grants_delete
        | Id::client_granted_scopes_delete_post
        | Id::client_granted_scopes_delete_by_subject
        | Id::client_requestable_scopes_update
        | Id::client_requestable_scopes_update_put
        | Id::client_requestable_scopes_delete => (Client, Right::ModifyClient),
        Id::audit_get_list => (OwnOrganization, Right::ViewAuditLog),
        Id::inspector_get_list | Id::inspector_get => (Service, Right::ViewService),
        Id::service_create => (OwnOrganization, Right::CreateService),
        Id::organization_service_create => (Organization, Right::CreateService),
        Id::member_invite
        | Id::member_all
        | Id::member_update
        | Id::member_remove
        | Id::member_sign_in
        | Id::organizationtoken_create
        | Id::organizationtoken_all
        | Id::organizationtoken_update
        | Id::organizationtoken_rotate
        | Id::organizationtoken_revoke => (Organization, Right::Admin),
        Id::apitoken_get | Id::apitoken_revoke => (About::Token, Right::Admin),
        Id::member_accept | Id::info | Id::misc_echo | Id::lifecycle_healthcheck => {
            (About::Nothing, Right::Admin)
        }
    }
}

/// What a token is bound to, seen from the service and the client that the calls are about.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Organization,
    Service,
    Client,
    OtherClient,
    OtherService,
    OtherOrganization,
}

const BOUND: [Bound; 6] = [
    Bound::Organization,
    Bound::Service,
    Bound::Client,
    Bound::OtherClient,
    Bound::OtherService,
    Bound::OtherOrganization,
];

/// Whether a token that holds the right is let in.
fn let_in(about: About, bound: Bound) -> bool {
    match (about, bound) {
        (About::Nothing | About::Token | About::Reach, _) => true,
        (About::OwnOrganization, bound) => matches!(bound, Bound::Organization | Bound::OtherOrganization),
        (About::Organization, bound) => bound == Bound::Organization,
        (_, Bound::Organization | Bound::Service) => true,
        (About::Client, bound) => bound == Bound::Client,
        (About::View, bound) => matches!(bound, Bound::Client | Bound::OtherClient),
        (About::Service, _) => false,
    }
}

struct Place {
    world: World,
    client: String,
    tokens: Vec<(Bound, Option<Right>, String)>,
}

const RIGHTS: [Right; 12] = [
    Right::ViewClient,
    Right::ModifyClient,
    Right::ViewService,
    Right::UseIntrospection,
    Right::UseService,
    Right::CreateClient,
    Right::ModifyService,
    Right::ViewDefaultService,
    Right::CreateService,
    Right::DeleteService,
    Right::ViewAuditLog,
    Right::Admin,
];

fn members(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn call(world: &World, id: EndpointId, token: &str, path: PathValues<'_>, body: &Value) -> (u16, Value) {
    let answer = world.call(id, Some(token), path, &members(body));
    (answer.status, answer.body)
}

/// A service with two clients, beside another service and another organization, and tokens of every kind.
fn place() -> Place {
    let (mut world, client, _) = World::with_service_and_client();
    let founder = world.organization_token.clone();
    let nowhere = PathValues::default();
    let (_, other) =
        call(&world, EndpointId::client_create, &founder, nowhere, &json!({ "clientName": "other" }));
    let service = world.service;
    let (_, second) =
        call(&world, EndpointId::service_create, &founder, nowhere, &json!({ "serviceName": "second" }));
    let (foreign, founder_of_foreign) = world.found("Foreign");
    let body = json!({ "organizationId": foreign, "permissions": [Right::Admin.name()] });
    let (_, foreign) =
        call(&world, EndpointId::organizationtoken_create, &founder_of_foreign, nowhere, &body);
    let foreign = foreign["accessToken"].as_str().unwrap_or_else(|| panic!("{foreign}")).to_owned();
    let mut tokens = Vec::new();
    for right in RIGHTS {
        let permissions = json!([right.name()]);
        let of_service = |service: &Value, client: Option<&str>| {
            let mut body = json!({ "serviceId": service, "permissions": permissions });
            if let Some(client) = client {
                body["clientId"] = client.parse::<i64>().unwrap_or_default().into();
            }
            let (_, made) = call(&world, EndpointId::servicetoken_create, &founder, nowhere, &body);
            made["accessToken"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
        };
        let body = json!({ "organizationId": world.organization, "permissions": permissions });
        let (_, made) = call(&world, EndpointId::organizationtoken_create, &founder, nowhere, &body);
        let value = made["accessToken"].as_str().unwrap_or_else(|| panic!("{made}"));
        tokens.push((Bound::Organization, Some(right), value.to_owned()));
        let service = json!(service);
        tokens.push((Bound::Service, Some(right), of_service(&service, None)));
        tokens.push((Bound::Client, Some(right), of_service(&service, Some(&client))));
        tokens.push((
            Bound::OtherClient,
            Some(right),
            of_service(&service, Some(&other["clientId"].to_string())),
        ));
        tokens.push((Bound::OtherService, Some(right), of_service(&second["apiKey"], None)));
    }
    tokens.push((Bound::OtherOrganization, Some(Right::Admin), foreign));
    world.service = service;
    Place { world, client, tokens }
}

/// A body that names what rows name in their bodies, and nothing that the call could do.
fn body(place: &Place) -> Value {
    json!({
        "serviceId": place.world.service,
        "organizationId": place.world.organization,
        "tokenId": "nobody's",
        "permissions": ["none"],
        "subject": "",
    })
}

fn is_let_in(place: &Place, id: EndpointId, token: &str) -> bool {
    let path = PathValues {
        client: Some(&place.client),
        subject: Some("~"),
        token: Some("none"),
        batch: Some("none"),
        handle: Some("none"),
    };
    let (status, body) = call(&place.world, id, token, path, &body(place));
    let reason = body["resultCode"].as_str().unwrap_or_default();
    let refused = matches!(status, 401 | 403) && ["A900202", "A900201"].contains(&reason);
    !refused && status != 401
}

/// Whether it deletes what the others are about, or call with.
fn deletes(id: EndpointId) -> bool {
    use EndpointId as Id;
    matches!(
        id,
        Id::service_delete | Id::organization_service_remove | Id::client_delete | Id::apitoken_revoke
    )
}

/// Those that delete come last.
fn in_order() -> Vec<EndpointId> {
    let ids = ALL.iter().map(|row| row.id);
    ids.clone().filter(|id| !deletes(*id)).chain(ids.filter(|id| deletes(*id))).collect()
}

#[test]
fn who_may_call_what_is_known_for_every_operation_and_kind_of_token() {
    let place = place();
    let mut wrong = Vec::new();
    let mut cells = 0;
    for id in in_order() {
        let (about, right) = about(id);
        let deletes = deletes(id);
        for (bound, held, token) in &place.tokens {
            let rights: placet_api::Rights = held.iter().copied().collect();
            let holds = matches!(about, About::Nothing | About::Token) || rights.holds(right);
            let expected = holds && let_in(about, *bound);
            if expected && deletes {
                continue;
            }
            cells += 1;
            if is_let_in(&place, id, token) != expected {
                wrong.push(format!("{id:?} by {bound:?} with {held:?}: expected {expected}"));
            }
        }
    }
    assert!(cells > 4_000, "{cells} cells");
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn without_a_token_only_what_is_open_answers() {
    let place = place();
    for row in ALL {
        let open = about(row.id).0 == About::Nothing;
        for token in ["", "nonsense"] {
            assert_eq!(is_let_in(&place, row.id, token), open, "{}", row.name);
        }
    }
}

#[test]
fn every_kind_of_token_is_walked() {
    let place = place();
    for bound in BOUND {
        assert!(place.tokens.iter().any(|(known, ..)| *known == bound), "{bound:?}");
    }
}
