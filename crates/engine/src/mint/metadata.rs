//! OpenID Connect Discovery §3, RFC 8414 §2 – what the service tells about itself. Endpoints come from
//! its settings, capabilities from what this release does.

use placet_base::registry::{
    ClaimType, ClientAuthMethod, Display, GrantType, JwsAlg, Prompt, ResponseMode, ResponseType, SubjectType,
};
use serde_json::{Map, Value};

use crate::tenant::Tenant;

/// The response modes that rule `response_mode` lets through.
const RESPONSE_MODES: [ResponseMode; 3] =
    [ResponseMode::Query, ResponseMode::Fragment, ResponseMode::FormPost];

pub fn document(tenant: &Tenant) -> Map<String, Value> {
    let mut members = Map::new();
    endpoints(tenant, &mut members);
    capabilities(tenant, &mut members);
    members
}

fn endpoints(tenant: &Tenant, members: &mut Map<String, Value>) {
    let d = &tenant.document;
    let named = [
        ("issuer", &d.issuer),
        ("authorization_endpoint", &d.authorization_endpoint),
        ("token_endpoint", &d.token_endpoint),
        ("userinfo_endpoint", &d.user_info_endpoint),
        ("jwks_uri", &d.jwks_uri),
        ("revocation_endpoint", &d.revocation_endpoint),
        ("introspection_endpoint", &d.introspection_endpoint),
        ("end_session_endpoint", &d.end_session_endpoint),
        ("service_documentation", &d.service_documentation),
        ("op_policy_uri", &d.policy_uri),
        ("op_tos_uri", &d.tos_uri),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            members.insert(name.to_owned(), value.as_str().into());
        }
    }
}

fn capabilities(tenant: &Tenant, members: &mut Map<String, Value>) {
    let d = &tenant.document;
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    let scopes = d.supported_scopes.iter().flatten().filter_map(|scope| scope.name.clone());
    put("scopes_supported", scopes.collect::<Vec<_>>().into());
    put("response_types_supported", names(&tenant.response_types, ResponseType::protocol_name));
    put("response_modes_supported", names(&RESPONSE_MODES, ResponseMode::protocol_name));
    put("grant_types_supported", names(&tenant.grant_types, GrantType::protocol_name));
    put("subject_types_supported", names(&[SubjectType::Public], SubjectType::protocol_name));
    put("id_token_signing_alg_values_supported", names(&signing_algs(tenant), JwsAlg::protocol_name));
    put("userinfo_signing_alg_values_supported", names(&signing_algs(tenant), JwsAlg::protocol_name));
    let methods = |methods: &[ClientAuthMethod]| {
        let with_none: Vec<_> = methods.iter().copied().chain([ClientAuthMethod::None]).collect();
        names(&with_none, ClientAuthMethod::protocol_name)
    };
    put("token_endpoint_auth_methods_supported", methods(&tenant.token_auth_methods));
    put("revocation_endpoint_auth_methods_supported", methods(&tenant.revocation_auth_methods));
    let displays = tenant.authorization.displays.as_deref().unwrap_or(Display::ALL);
    put("display_values_supported", names(displays, Display::protocol_name));
    let prompts = tenant.authorization.prompts.as_deref().unwrap_or(Prompt::ALL);
    put("prompt_values_supported", names(prompts, Prompt::protocol_name));
    put("claim_types_supported", names(&[ClaimType::Normal], ClaimType::protocol_name));
    put("code_challenge_methods_supported", challenge_methods(tenant));
    put("claims_parameter_supported", true.into());
    put("request_parameter_supported", false.into());
    put("request_uri_parameter_supported", false.into());
    put("authorization_response_iss_parameter_supported", tenant.authorization.issuer_in_response.into());
    let lists = [
        ("claims_supported", &d.supported_claims),
        ("acr_values_supported", &d.supported_acrs),
        ("ui_locales_supported", &d.supported_ui_locales),
        ("claims_locales_supported", &d.supported_claim_locales),
    ];
    for (name, list) in lists {
        if let Some(list) = list.as_ref().filter(|list| !list.is_empty()) {
            put(name, list.clone().into());
        }
    }
}

fn names<T: Copy>(values: &[T], name: fn(T) -> &'static str) -> Value {
    values.iter().map(|value| name(*value)).collect::<Vec<_>>().into()
}

/// What the keys of the service can sign; every client's secret can sign with HMAC.
fn signing_algs(tenant: &Tenant) -> Vec<JwsAlg> {
    let hmac = [JwsAlg::Hs256, JwsAlg::Hs384, JwsAlg::Hs512];
    let fits = |alg: &&JwsAlg| hmac.contains(alg) || tenant.keys.signing(**alg, None).is_some();
    JwsAlg::ALL.iter().filter(fits).copied().collect()
}

fn challenge_methods(tenant: &Tenant) -> Value {
    if tenant.policy.s256 { vec!["S256"].into() } else { vec!["S256", "plain"].into() }
}
