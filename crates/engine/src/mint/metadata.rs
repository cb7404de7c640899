//! OpenID Connect Discovery §3, RFC 8414 §2 – what the service tells about itself. Endpoints come from
//! its settings, capabilities from what this release does.

use placet_base::registry::{
    AttachmentType, ClaimType, ClientAuthMethod, DeliveryMode, Display, GrantManagementAction, GrantType,
    JweAlg, JweEnc, JwsAlg, Prompt, ResponseMode, ResponseType, SubjectType, TokenType,
};
use placet_jose::JWE_ALGS;
use serde_json::{Map, Value, json};

use crate::mint::entity_configuration;
use crate::rules::transformed_claims::FUNCTIONS;
use crate::rules::verified_claims::supported::DIGEST;
use crate::tenant::Tenant;

type Members = Map<String, Value>;

/// Grants of authorization servers that vouch for their users are taken.
const ID_JAG_PROFILE: &str = "urn:ietf:params:oauth:grant-profile:id-jag";

pub fn document(tenant: &Tenant) -> Members {
    let mut members = Map::new();
    endpoints(tenant, &mut members);
    capabilities(tenant, &mut members);
    algorithms(tenant, &mut members);
    authentication(tenant, &mut members);
    requests(tenant, &mut members);
    backchannel(tenant, &mut members);
    verified_claims(tenant, &mut members);
    members.extend(tenant.federation.iter().flat_map(entity_configuration::of_provider));
    members
}

fn endpoints(tenant: &Tenant, members: &mut Members) {
    let d = &tenant.document;
    let named = [
        ("issuer", &d.issuer),
        ("authorization_endpoint", &d.authorization_endpoint),
        ("token_endpoint", &d.token_endpoint),
        ("userinfo_endpoint", &d.user_info_endpoint),
        ("jwks_uri", &d.jwks_uri),
        ("registration_endpoint", &d.registration_endpoint),
        ("revocation_endpoint", &d.revocation_endpoint),
        ("introspection_endpoint", &d.introspection_endpoint),
        ("pushed_authorization_request_endpoint", &d.pushed_auth_req_endpoint),
        ("backchannel_authentication_endpoint", &d.backchannel_authentication_endpoint),
        ("device_authorization_endpoint", &d.device_authorization_endpoint),
        ("grant_management_endpoint", &d.grant_management_endpoint),
        ("challenge_endpoint", &d.challenge_endpoint),
        ("end_session_endpoint", &d.end_session_endpoint),
        ("service_documentation", &d.service_documentation),
        ("op_policy_uri", &d.policy_uri),
        ("op_tos_uri", &d.tos_uri),
    ];
    for (name, value) in named {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            members.insert(name.to_owned(), value.into());
        }
    }
    // Token Status List §9.1
    if let Some(aggregation) =
        tenant.credentials.as_ref().and_then(|issuer| issuer.status_lists.aggregation())
    {
        members.insert("status_list_aggregation_endpoint".to_owned(), aggregation.into());
    }
    let aliases = d.mtls_endpoint_aliases.iter().flatten();
    let aliases = aliases.filter_map(|alias| Some((alias.name.clone()?, alias.uri.clone()?.into())));
    let aliases: Members = aliases.collect();
    if !aliases.is_empty() {
        members.insert("mtls_endpoint_aliases".to_owned(), aliases.into());
    }
}

fn capabilities(tenant: &Tenant, members: &mut Members) {
    let d = &tenant.document;
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    let scopes = d.supported_scopes.iter().flatten().filter_map(|scope| scope.name.clone());
    let policy = &tenant.policy;
    let responses = policy.request.response_types.of_list(&tenant.response_types);
    let grants = policy.client.grant_types.of_list(&tenant.grant_types);
    let modes = ResponseMode::ALL.iter().copied();
    let modes: Vec<_> = modes.filter(|mode| mode.is_jwt() || !policy.request.answer_in_jwt).collect();
    put("scopes_supported", scopes.collect::<Vec<_>>().into());
    put("response_types_supported", names(&responses, ResponseType::protocol_name));
    put("response_modes_supported", names(&modes, ResponseMode::protocol_name));
    put("grant_types_supported", names(&grants, GrantType::protocol_name));
    put("subject_types_supported", names(SubjectType::ALL, SubjectType::protocol_name));
    let displays = tenant.authorization.displays.as_deref().unwrap_or(Display::ALL);
    put("display_values_supported", names(displays, Display::protocol_name));
    let prompts = tenant.authorization.prompts.as_deref().unwrap_or(Prompt::ALL);
    put("prompt_values_supported", names(prompts, Prompt::protocol_name));
    put("claim_types_supported", names(&[ClaimType::Normal], ClaimType::protocol_name));
    put("code_challenge_methods_supported", challenge_methods(tenant));
    put("claims_parameter_supported", true.into());
    put("authorization_response_iss_parameter_supported", policy.request.issuer.into());
    // OpenID Connect Back-Channel Logout 1.0 §2.1
    put("backchannel_logout_supported", tenant.tokens.logout.into());
    put("backchannel_logout_session_supported", (tenant.tokens.logout && tenant.tokens.sessions).into());
    // OpenID Connect Native SSO §3.2
    put("native_sso_supported", tenant.tokens.native_sso.into());
    if tenant.token_exchange.id_jag.is_some() {
        // draft-ietf-oauth-identity-assertion-authz-grant-04 §6
        put("identity_chaining_requested_token_types_supported", json!([TokenType::IdJag.protocol_name()]));
    }
    if tenant.jwt_grant.id_jag {
        // §7 of it
        put("authorization_grant_profiles_supported", json!([ID_JAG_PROFILE]));
    }
    if tenant.credentials.as_ref().is_some_and(|issuer| issuer.anonymous) {
        // OpenID for Verifiable Credential Issuance 1.0 §12.3
        put("pre-authorized_grant_anonymous_access_supported", true.into());
    }
    put("client_id_metadata_document_supported", tenant.discovering.is_some().into());
    put("tls_client_certificate_bound_access_tokens", tenant.sender.certificates.into());
    let lists = [
        ("claims_supported", &d.supported_claims),
        ("acr_values_supported", &d.supported_acrs),
        ("ui_locales_supported", &d.supported_ui_locales),
        ("claims_locales_supported", &d.supported_claim_locales),
        ("authorization_details_types_supported", &d.supported_authorization_details_types),
    ];
    for (name, list) in lists {
        if let Some(list) = list.as_ref().filter(|list| !list.is_empty()) {
            put(name, list.clone().into());
        }
    }
    // OpenID Connect Advanced Syntax for Claims: whoever looks for transformed claims looks for this.
    put("transformed_claims_functions_supported", json!(FUNCTIONS));
    if !tenant.authorization.transformed_claims.is_empty() {
        let predefined = tenant.authorization.transformed_claims.clone();
        put("transformed_claims_predefined", Value::Object(predefined));
    }
}

fn names<T: Copy>(values: &[T], name: fn(T) -> &'static str) -> Value {
    values.iter().map(|value| name(*value)).collect::<Vec<_>>().into()
}

fn algorithms(tenant: &Tenant, members: &mut Members) {
    let allowed = tenant.policy.client.algs;
    let own: Vec<_> = allowed.of_list(JwsAlg::ALL).into_iter().filter(|alg| signs(tenant, *alg)).collect();
    let proving: Vec<_> =
        allowed.of_list(JwsAlg::ALL).into_iter().filter(|alg| *alg != JwsAlg::None).collect();
    let of_objects: Vec<_> = match tenant.policy.request.object_signed {
        true => proving.clone(),
        false => allowed.of_list(JwsAlg::ALL),
    };
    let mut put = |name: &str, list: &[JwsAlg]| {
        members.insert(name.to_owned(), names(list, JwsAlg::protocol_name));
    };
    put("id_token_signing_alg_values_supported", &own);
    put("userinfo_signing_alg_values_supported", &own);
    put("authorization_signing_alg_values_supported", &own);
    put("introspection_signing_alg_values_supported", &own);
    put("request_object_signing_alg_values_supported", &of_objects);
    put("dpop_signing_alg_values_supported", &tenant.proof_algs());
    encryption(tenant, members);
}

/// RSA1_5 is not told of: who needs it knows (RFC 8725 §3.2).
fn encryption(tenant: &Tenant, members: &mut Members) {
    let safe: Vec<_> = JWE_ALGS.iter().copied().filter(|alg| *alg != JweAlg::Rsa15).collect();
    for name in ["id_token", "userinfo", "authorization", "introspection"] {
        let algs = names(&safe, JweAlg::protocol_name);
        members.insert(format!("{name}_encryption_alg_values_supported"), algs);
        let encs = names(JweEnc::ALL, JweEnc::protocol_name);
        members.insert(format!("{name}_encryption_enc_values_supported"), encs);
    }
    // What is encrypted for us, our keys must open; secrets of clients open the rest.
    let opens =
        |alg: &JweAlg| placet_jose::is_symmetric(*alg) || tenant.keys.decrypting(*alg, None).is_some();
    let opened: Vec<_> = safe.into_iter().filter(opens).collect();
    let algs = names(&opened, JweAlg::protocol_name);
    members.insert("request_object_encryption_alg_values_supported".to_owned(), algs);
    let encs = names(JweEnc::ALL, JweEnc::protocol_name);
    members.insert("request_object_encryption_enc_values_supported".to_owned(), encs);
}

/// Every client's secret can sign with HMAC; for the rest it takes a key of the service.
fn signs(tenant: &Tenant, alg: JwsAlg) -> bool {
    alg.is_symmetric() || tenant.keys.signing(alg, None).is_some()
}

fn authentication(tenant: &Tenant, members: &mut Members) {
    let policy = &tenant.policy.client;
    let public = !policy.confidential;
    let algs: Vec<_> =
        policy.algs.of_list(JwsAlg::ALL).into_iter().filter(|alg| *alg != JwsAlg::None).collect();
    let endpoints = [
        ("token", &tenant.token_auth_methods, public),
        ("revocation", &tenant.revocation_auth_methods, public),
        ("introspection", &tenant.introspection_auth_methods, false),
    ];
    for (endpoint, methods, public) in endpoints {
        let mut methods = policy.auth_methods.of_list(methods);
        if public {
            methods.push(ClientAuthMethod::None);
        }
        if methods.contains(&ClientAuthMethod::AttestJwtClientAuth) {
            attestation(tenant, members);
        }
        let with_assertions = [ClientAuthMethod::ClientSecretJwt, ClientAuthMethod::PrivateKeyJwt];
        let asserted = methods.iter().any(|method| with_assertions.contains(method));
        let name = format!("{endpoint}_endpoint_auth_methods_supported");
        members.insert(name, names(&methods, ClientAuthMethod::protocol_name));
        // RFC 8414 §2: needed where assertions are.
        if asserted {
            let name = format!("{endpoint}_endpoint_auth_signing_alg_values_supported");
            members.insert(name, names(&algs, JwsAlg::protocol_name));
        }
    }
}

/// draft-ietf-oauth-attestation-based-client-auth-07 §10.1
fn attestation(tenant: &Tenant, members: &mut Members) {
    for of in ["client_attestation", "client_attestation_pop"] {
        let algs = names(&tenant.proof_algs(), JwsAlg::protocol_name);
        members.insert(format!("{of}_signing_alg_values_supported"), algs);
    }
}

fn requests(tenant: &Tenant, members: &mut Members) {
    use crate::policy::Demand;
    let request = &tenant.policy.request;
    let pushed = request.pushed != Demand::Nobody;
    let signed = request.object != Demand::Nobody && request.object_signed;
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("request_parameter_supported", true.into());
    put("request_uri_parameter_supported", true.into());
    put("require_request_uri_registration", true.into());
    put("require_pushed_authorization_requests", pushed.into());
    put("require_signed_request_object", signed.into());
    put("grant_management_action_required", request.grant_action.into());
    use GrantManagementAction::{Create, Merge, Query, Replace, Revoke};
    let actions = [Query, Revoke, Merge, Replace, Create];
    put("grant_management_actions_supported", names(&actions, GrantManagementAction::protocol_name));
}

fn backchannel(tenant: &Tenant, members: &mut Members) {
    if !tenant.grant_types.contains(&GrantType::Ciba) {
        return;
    }
    let policy = &tenant.policy;
    let modes = policy.backchannel.delivery.of_list(&tenant.backchannel.modes);
    let algs = tenant.proof_algs();
    let mut put = |name: &str, value: Value| members.insert(format!("backchannel_{name}"), value);
    put("token_delivery_modes_supported", names(&modes, DeliveryMode::protocol_name));
    put("authentication_request_signing_alg_values_supported", names(&algs, JwsAlg::protocol_name));
    put("user_code_parameter_supported", tenant.backchannel.user_code.into());
}

/// OpenID Connect for Identity Assurance 1.0 §7, OpenID Attachments 1.0 §6. Lists of former drafts keep their names.
fn verified_claims(tenant: &Tenant, members: &mut Members) {
    let (d, supported) = (&tenant.document, &tenant.verified_claims);
    members.insert("verified_claims_supported".to_owned(), supported.any().into());
    if !supported.any() {
        return;
    }
    let lists = [
        ("trust_frameworks_supported", &d.supported_trust_frameworks),
        ("claims_in_verified_claims_supported", &d.supported_verified_claims),
        ("evidence_supported", &d.supported_evidence),
        ("documents_supported", &d.supported_documents),
        ("id_documents_supported", &d.supported_identity_documents),
        ("documents_methods_supported", &d.supported_documents_methods),
        ("id_documents_verification_methods_supported", &d.supported_verification_methods),
        ("documents_validation_methods_supported", &d.supported_documents_validation_methods),
        ("documents_verification_methods_supported", &d.supported_documents_verification_methods),
        ("documents_check_methods_supported", &d.supported_documents_check_methods),
        ("electronic_records_supported", &d.supported_electronic_records),
    ];
    for (name, list) in lists {
        if let Some(list) = list.as_ref().filter(|list| !list.is_empty()) {
            members.insert(name.to_owned(), list.clone().into());
        }
    }
    if !supported.attachments.is_empty() {
        let kinds = names(&supported.attachments, AttachmentType::protocol_name);
        members.insert("attachments_supported".to_owned(), kinds);
    }
    if supported.attachments.contains(&AttachmentType::External) {
        let others = supported.digest_algorithms.iter().map(String::as_str).filter(|one| *one != DIGEST);
        let algorithms: Vec<_> = std::iter::once(DIGEST).chain(others).collect();
        members.insert("digest_algorithms_supported".to_owned(), algorithms.into());
    }
}

fn challenge_methods(tenant: &Tenant) -> Value {
    if tenant.policy.request.s256 { vec!["S256"].into() } else { vec!["S256", "plain"].into() }
}
