//! Clients as the metadata of RFC 7591 has them, with what OpenID Connect and others have added: what Hydra and
//! node-oidc-provider keep.

use placet_sdk::registry::{
    ApplicationType, ClientAuthMethod, GrantType, JweAlg, JweEnc, JwsAlg, ResponseMode, ResponseType,
    SubjectType,
};
use serde_json::{Map, Value};

use super::{Mover, Moving};

/// What a value is.
#[derive(Clone, Copy)]
enum Kind {
    /// Taken as it is.
    Plain,
    /// One value of a registry.
    One(fn(&str) -> Option<&'static str>),
    /// Several.
    Many(fn(&str) -> Option<&'static str>),
    /// A JWK Set, which the API has as a text.
    KeySet,
    /// In capitals.
    Capitals,
}

macro_rules! named {
    ($registry:ident) => {
        |text| $registry::from_protocol(text).map(|one| one.api_name())
    };
}

/// RFC 6749 §3.1.1: the order of the words means nothing.
fn response_type(text: &str) -> Option<&'static str> {
    let mut words: Vec<&str> = text.split(' ').collect();
    words.sort_unstable();
    ResponseType::from_protocol(&words.join(" ")).map(ResponseType::api_name)
}

const MEMBERS: &[(&str, &str, Kind)] = &[
    ("client_name", "clientName", Kind::Plain),
    ("client_uri", "clientUri", Kind::Plain),
    ("logo_uri", "logoUri", Kind::Plain),
    ("policy_uri", "policyUri", Kind::Plain),
    ("tos_uri", "tosUri", Kind::Plain),
    ("contacts", "contacts", Kind::Plain),
    ("owner", "developer", Kind::Plain),
    ("software_id", "softwareId", Kind::Plain),
    ("software_version", "softwareVersion", Kind::Plain),
    ("application_type", "applicationType", Kind::One(named!(ApplicationType))),
    ("redirect_uris", "redirectUris", Kind::Plain),
    ("request_uris", "requestUris", Kind::Plain),
    ("grant_types", "grantTypes", Kind::Many(named!(GrantType))),
    ("response_types", "responseTypes", Kind::Many(response_type)),
    ("response_modes", "responseModes", Kind::Many(named!(ResponseMode))),
    ("token_endpoint_auth_signing_alg", "tokenAuthSignAlg", Kind::One(named!(JwsAlg))),
    ("jwks_uri", "jwksUri", Kind::Plain),
    ("jwks", "jwks", Kind::KeySet),
    ("subject_type", "subjectType", Kind::One(named!(SubjectType))),
    ("sector_identifier_uri", "sectorIdentifierUri", Kind::Plain),
    ("id_token_signed_response_alg", "idTokenSignAlg", Kind::One(named!(JwsAlg))),
    ("id_token_encrypted_response_alg", "idTokenEncryptionAlg", Kind::One(named!(JweAlg))),
    ("id_token_encrypted_response_enc", "idTokenEncryptionEnc", Kind::One(named!(JweEnc))),
    ("userinfo_signed_response_alg", "userInfoSignAlg", Kind::One(named!(JwsAlg))),
    ("userinfo_encrypted_response_alg", "userInfoEncryptionAlg", Kind::One(named!(JweAlg))),
    ("userinfo_encrypted_response_enc", "userInfoEncryptionEnc", Kind::One(named!(JweEnc))),
    ("authorization_signed_response_alg", "authorizationSignAlg", Kind::One(named!(JwsAlg))),
    ("authorization_encrypted_response_alg", "authorizationEncryptionAlg", Kind::One(named!(JweAlg))),
    ("authorization_encrypted_response_enc", "authorizationEncryptionEnc", Kind::One(named!(JweEnc))),
    ("request_object_signing_alg", "requestSignAlg", Kind::One(named!(JwsAlg))),
    ("request_object_encryption_alg", "requestEncryptionAlg", Kind::One(named!(JweAlg))),
    ("request_object_encryption_enc", "requestEncryptionEnc", Kind::One(named!(JweEnc))),
    ("require_signed_request_object", "requestObjectRequired", Kind::Plain),
    ("require_pushed_authorization_requests", "parRequired", Kind::Plain),
    ("require_auth_time", "authTimeRequired", Kind::Plain),
    ("default_max_age", "defaultMaxAge", Kind::Plain),
    ("default_acr_values", "defaultAcrs", Kind::Plain),
    ("authorization_details_types", "authorizationDetailsTypes", Kind::Plain),
    ("initiate_login_uri", "loginUri", Kind::Plain),
    ("dpop_bound_access_tokens", "dpopRequired", Kind::Plain),
    ("tls_client_certificate_bound_access_tokens", "tlsClientCertificateBoundAccessTokens", Kind::Plain),
    ("use_mtls_endpoint_aliases", "mtlsEndpointAliasesUsed", Kind::Plain),
    ("tls_client_auth_subject_dn", "tlsClientAuthSubjectDn", Kind::Plain),
    ("tls_client_auth_san_dns", "tlsClientAuthSanDns", Kind::Plain),
    ("tls_client_auth_san_uri", "tlsClientAuthSanUri", Kind::Plain),
    ("tls_client_auth_san_ip", "tlsClientAuthSanIp", Kind::Plain),
    ("tls_client_auth_san_email", "tlsClientAuthSanEmail", Kind::Plain),
    ("backchannel_logout_uri", "backchannelLogoutUri", Kind::Plain),
    ("backchannel_logout_session_required", "backchannelLogoutSessionRequired", Kind::Plain),
    ("backchannel_token_delivery_mode", "bcDeliveryMode", Kind::Capitals),
    ("backchannel_client_notification_endpoint", "bcNotificationEndpoint", Kind::Plain),
    ("backchannel_authentication_request_signing_alg", "bcRequestSignAlg", Kind::One(named!(JwsAlg))),
    ("backchannel_user_code_parameter", "bcUserCodeRequired", Kind::Plain),
];

/// Read elsewhere, or of the server alone.
const OTHERS: &[&str] = &[
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_client_uri",
    "created_at",
    "updated_at",
    "scope",
    "token_endpoint_auth_method",
    "post_logout_redirect_uris",
];

/// Why some metadata stays behind.
const REASONS: &[(&str, &str)] = &[
    (
        "allowed_cors_origins",
        "which origins may read answers is said where the authorization server is configured",
    ),
    ("audience", "clients name the resources that they want tokens for themselves (RFC 8707)"),
    ("registration_access_token", "a new one is made when the client is registered anew"),
    ("skip_consent", "whether users are asked is the authorization server's to decide"),
    ("skip_logout_consent", "whether users are asked is the authorization server's to decide"),
    (
        "access_token_strategy",
        "whether access tokens are JWTs is a setting of the service: accessTokenSignAlg",
    ),
    ("frontchannel_logout_uri", "logout is told through the back channel here"),
    ("frontchannel_logout_session_required", "logout is told through the back channel here"),
];

pub(super) fn client(moving: &mut Moving, metadata: &Map<String, Value>) {
    let text = |name: &str| metadata.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut client = Mover { name: text("client_id").unwrap_or_default().to_owned(), ..Mover::default() };
    client.secret = text("client_secret").map(str::to_owned);
    match ClientAuthMethod::from_protocol(text("token_endpoint_auth_method").unwrap_or("client_secret_basic"))
    {
        Some(method) => client.method(method),
        None => moving.not(client.place("token_endpoint_auth_method"), "placet does not know this method"),
    }
    let scopes: Vec<&str> =
        text("scope").unwrap_or_default().split(' ').filter(|one| !one.is_empty()).collect();
    if !scopes.is_empty() {
        moving.requestable(&mut client, &scopes);
    }
    if let Some(uris) = metadata.get("post_logout_redirect_uris").filter(|uris| !says_nothing(uris)) {
        moving.logout_uris(&mut client, uris);
    }
    let said =
        metadata.iter().filter(|(name, value)| !OTHERS.contains(&name.as_str()) && !says_nothing(value));
    said.for_each(|(name, value)| member(moving, &mut client, name, value));
    moving.client(client);
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

fn member(moving: &mut Moving, client: &mut Mover, name: &str, value: &Value) {
    let Some((_, ours, kind)) = MEMBERS.iter().find(|(theirs, _, _)| *theirs == name) else {
        let reason = REASONS.iter().find(|(theirs, _)| *theirs == name).map(|(_, why)| *why);
        moving.not(client.place(name), reason.unwrap_or("placet's clients have no such setting"));
        return;
    };
    let taken = match kind {
        Kind::Plain => Some(value.clone()),
        Kind::KeySet => Some(Value::from(value.to_string())),
        Kind::Capitals => value.as_str().map(|text| text.to_ascii_uppercase().into()),
        Kind::One(named) => value.as_str().and_then(named).map(Value::from),
        Kind::Many(named) => Some(many(moving, client, (name, value), *named)),
    };
    match taken {
        Some(value) => client.set(ours, value),
        None => moving.not(client.place(&format!("{name} {value}")), "placet does not know this value"),
    }
}

fn many(
    moving: &mut Moving,
    client: &Mover,
    (name, value): (&str, &Value),
    named: fn(&str) -> Option<&'static str>,
) -> Value {
    let mut taken = Vec::new();
    for one in value.as_array().into_iter().flatten().filter_map(Value::as_str) {
        match named(one) {
            Some(ours) => taken.push(Value::from(ours)),
            None => moving.not(client.place(&format!("{name} {one}")), "placet does not know this value"),
        }
    }
    taken.into()
}
