//! A client of a realm.

use placet_sdk::registry::{ClientAuthMethod, GrantType, JwsAlg, ResponseType};
use serde_json::{Value, json};

use super::super::{Mover, Moving};
use super::{attribute, is_on};

/// What every realm has for itself.
const BUILT_IN: &[&str] =
    &["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"];

/// Flags among the attributes, and what they are here.
const FLAGS: &[(&str, &str)] = &[
    ("require.pushed.authorization.requests", "parRequired"),
    ("dpop.bound.access.tokens", "dpopRequired"),
    ("tls.client.certificate.bound.access.tokens", "tlsClientCertificateBoundAccessTokens"),
    ("backchannel.logout.session.required", "backchannelLogoutSessionRequired"),
];

/// Texts among the attributes.
const TEXTS: &[(&str, &str)] = &[
    ("logoUri", "logoUri"),
    ("policyUri", "policyUri"),
    ("tosUri", "tosUri"),
    ("backchannel.logout.url", "backchannelLogoutUri"),
];

/// Signature algorithms among the attributes.
const ALGORITHMS: &[(&str, &str)] = &[
    ("id.token.signed.response.alg", "idTokenSignAlg"),
    ("user.info.response.signature.alg", "userInfoSignAlg"),
    ("request.object.signature.alg", "requestSignAlg"),
    ("authorization.signed.response.alg", "authorizationSignAlg"),
    ("token.endpoint.auth.signing.alg", "tokenAuthSignAlg"),
];

/// Grants that a flag of the client allows.
const GRANTS: &[(&str, GrantType)] = &[
    ("standardFlowEnabled", GrantType::AuthorizationCode),
    ("implicitFlowEnabled", GrantType::Implicit),
    ("directAccessGrantsEnabled", GrantType::Password),
    ("serviceAccountsEnabled", GrantType::ClientCredentials),
];

/// Grants that an attribute allows.
const FURTHER_GRANTS: &[(&str, GrantType)] = &[
    ("oauth2.device.authorization.grant.enabled", GrantType::DeviceCode),
    ("oidc.ciba.grant.enabled", GrantType::Ciba),
    ("standard.token.exchange.enabled", GrantType::TokenExchange),
];

pub(super) fn client(moving: &mut Moving, realm: &Value, from: &Value) {
    let name = from["clientId"].as_str().unwrap_or_default();
    let of_realm = format!("{}-realm", realm["realm"].as_str().unwrap_or_default());
    let stays = if BUILT_IN.contains(&name) || name == of_realm {
        Some("it is the other server's own")
    } else if from["protocol"].as_str().is_some_and(|protocol| protocol != "openid-connect") {
        Some("it is of another protocol")
    } else if from["bearerOnly"] == Value::Bool(true) {
        Some("it asks for no tokens; give the resource server a token of the API that may introspect")
    } else {
        None
    };
    match stays {
        Some(why) => moving.not(format!("client {name}"), why),
        None => taken(moving, from, name),
    }
}

fn taken(moving: &mut Moving, from: &Value, name: &str) {
    let mut client = Mover { name: name.to_owned(), ..Mover::default() };
    let secret = from["secret"].as_str().filter(|secret| !secret.is_empty() && !secret.starts_with("***"));
    client.secret = secret.map(str::to_owned);
    about(&mut client, from);
    authentication(moving, &mut client, from);
    flows(&mut client, from);
    attributes(moving, &mut client, from);
    addresses(moving, &mut client, from);
    let scopes = ["defaultClientScopes", "optionalClientScopes"].into_iter();
    let scopes = scopes.filter_map(|list| from[list].as_array()).flatten().filter_map(Value::as_str);
    let scopes: Vec<&str> = std::iter::once("openid").chain(scopes).collect();
    moving.requestable(&mut client, &scopes);
    left(moving, &client, from);
    moving.client(client);
}

fn about(client: &mut Mover, from: &Value) {
    for (theirs, ours) in [("name", "clientName"), ("description", "description"), ("baseUrl", "clientUri")] {
        let text = from[theirs].as_str().filter(|text| !text.is_empty());
        // Addresses of the realm's own pages are relative.
        if let Some(text) = text.filter(|text| theirs != "baseUrl" || text.contains("://")) {
            client.set(ours, text);
        }
    }
    if from["enabled"] == Value::Bool(false) {
        client.set("locked", true);
    }
}

fn authentication(moving: &mut Moving, client: &mut Mover, from: &Value) {
    if from["publicClient"] == Value::Bool(true) {
        client.method(ClientAuthMethod::None);
        return;
    }
    let method = match from["clientAuthenticatorType"].as_str() {
        Some("client-secret") | None => ClientAuthMethod::ClientSecretBasic,
        Some("client-secret-jwt") => ClientAuthMethod::ClientSecretJwt,
        Some("client-jwt") => ClientAuthMethod::PrivateKeyJwt,
        Some("client-x509") => ClientAuthMethod::TlsClientAuth,
        Some(other) => {
            moving.not(client.place(other), "placet does not know this way of authenticating");
            ClientAuthMethod::ClientSecretBasic
        }
    };
    client.method(method);
    match method {
        ClientAuthMethod::ClientSecretBasic => {
            let why = "the other server takes secrets in the body too; a client of placet uses one way: CLIENT_SECRET_BASIC here";
            moving.not(client.place("client_secret_post"), why);
        }
        ClientAuthMethod::PrivateKeyJwt => keys(moving, client, from),
        ClientAuthMethod::TlsClientAuth => match attribute(from, "x509.subjectdn") {
            Some(dn) if !is_on(from, "x509.allow.regex.pattern.comparison") => {
                client.set("tlsClientAuthSubjectDn", dn)
            }
            _ => moving.not(client.place("x509.subjectdn"), "placet compares one name exactly; set it"),
        },
        _ => {}
    }
}

fn keys(moving: &mut Moving, client: &mut Mover, from: &Value) {
    if let Some(url) = attribute(from, "jwks.url").filter(|_| is_on(from, "use.jwks.url")) {
        client.set("jwksUri", url);
    } else if let Some(set) = attribute(from, "jwks.string").filter(|_| is_on(from, "use.jwks.string")) {
        client.set("jwks", set);
    } else {
        moving
            .not(client.place("keys"), "they are a certificate there; give the client's JWK Set or its URL");
    }
}

fn flows(client: &mut Mover, from: &Value) {
    let on = |name: &str| from[name] == Value::Bool(true);
    let mut grants: Vec<GrantType> =
        GRANTS.iter().filter(|(flag, _)| on(flag)).map(|(_, grant)| *grant).collect();
    grants.extend(FURTHER_GRANTS.iter().filter(|(name, _)| is_on(from, name)).map(|(_, grant)| *grant));
    let refreshes = attribute(from, "use.refresh.tokens") != Some("false");
    let of_users =
        grants.iter().any(|grant| !matches!(grant, GrantType::ClientCredentials | GrantType::Implicit));
    if refreshes && of_users {
        grants.push(GrantType::RefreshToken);
    }
    client.grants(&grants);
    let mut responses = Vec::new();
    if on("standardFlowEnabled") {
        responses.push(ResponseType::Code);
    }
    if on("implicitFlowEnabled") {
        responses.extend([ResponseType::Token, ResponseType::IdToken, ResponseType::IdTokenToken]);
    }
    if on("standardFlowEnabled") && on("implicitFlowEnabled") {
        responses.extend([
            ResponseType::CodeToken,
            ResponseType::CodeIdToken,
            ResponseType::CodeIdTokenToken,
        ]);
    }
    client.responses(&responses);
}

fn attributes(moving: &mut Moving, client: &mut Mover, from: &Value) {
    for (theirs, ours) in FLAGS.iter().filter(|(theirs, _)| is_on(from, theirs)) {
        // What tells a session apart means something only where there is a logout to be told.
        if *theirs != "backchannel.logout.session.required"
            || attribute(from, "backchannel.logout.url").is_some()
        {
            client.set(ours, true);
        }
    }
    for (theirs, ours) in TEXTS {
        if let Some(text) = attribute(from, theirs) {
            client.set(ours, text);
        }
    }
    for (theirs, ours) in ALGORITHMS {
        match attribute(from, theirs) {
            None | Some("any" | "unsigned") => {}
            Some(name) => match JwsAlg::from_protocol(name) {
                Some(alg) => client.set(ours, alg.api_name()),
                None => moving
                    .not(client.place(&format!("{theirs} {name}")), "placet does not know this algorithm"),
            },
        }
    }
    match attribute(from, "pkce.code.challenge.method") {
        Some("S256") => {
            ["pkceRequired", "pkceS256Required"].iter().for_each(|member| client.set(member, true))
        }
        Some(_) => client.set("pkceRequired", true),
        None => {}
    }
    if let Some(seconds) = attribute(from, "access.token.lifespan").and_then(|text| text.parse::<i64>().ok())
    {
        client.extend("accessTokenDuration", seconds);
    }
    if is_on(from, "standard.token.exchange.enabled") {
        client.extend("tokenExchangePermitted", true);
    }
}

/// Redirect URIs, relative ones behind the root.
fn addresses(moving: &mut Moving, client: &mut Mover, from: &Value) {
    let root = from["rootUrl"].as_str().filter(|root| root.contains("://")).unwrap_or_default();
    let whole = |uri: &str| if uri.starts_with('/') { format!("{root}{uri}") } else { uri.to_owned() };
    let uris: Vec<String> =
        from["redirectUris"].as_array().into_iter().flatten().filter_map(Value::as_str).map(whole).collect();
    let logout = attribute(from, "post.logout.redirect.uris").unwrap_or_default();
    let mut after: Vec<String> = Vec::new();
    for uri in logout.split("##").filter(|uri| !uri.is_empty() && *uri != "-") {
        match uri {
            "+" => after.extend(uris.iter().filter(|uri| !uri.contains('*')).cloned()),
            uri if uri.contains('*') => moving.not(
                client.place(&format!("post-logout URI {uri}")),
                "placet compares them exactly; name each that is used",
            ),
            uri => after.push(whole(uri)),
        }
    }
    if !after.is_empty() {
        moving.logout_uris(client, &json!(after));
    }
    if !uris.is_empty() {
        client.set("redirectUris", uris);
    }
}

/// What a client has there that it cannot have here.
fn left(moving: &mut Moving, client: &Mover, from: &Value) {
    let count = |name: &str| from[name].as_array().map_or(0, Vec::len);
    if count("protocolMappers") > 0 {
        let why = "which claims there are is the authorization server's to say";
        moving.not(client.place(&format!("{} mappers", count("protocolMappers"))), why);
    }
    let origins = from["webOrigins"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let origins: Vec<&str> = origins.filter(|origin| !["", "+", "/*"].contains(origin)).collect();
    if !origins.is_empty() {
        let why = "which origins may read answers is said where the authorization server is configured";
        moving.not(client.place(&format!("web origins {}", origins.join(" "))), why);
    }
    for (name, why) in [
        ("consentRequired", "whether users are asked is the authorization server's to decide"),
        ("authorizationServicesEnabled", "placet has no policies of resources"),
        ("frontchannelLogout", "logout is told through the back channel here"),
    ] {
        if from[name] == Value::Bool(true) {
            moving.not(client.place(name), why);
        }
    }
}
