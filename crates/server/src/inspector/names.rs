//! What members of requests and answers are called, and whether what they hold may be shown.

/// What leads from one call to another, and is shown as the beginning of its hash.
pub(super) const LEADS: &[(&str, &str)] = &[
    ("ticket", "ticket"),
    ("code", "code"),
    ("authorizationCode", "code"),
    ("accessToken", "access token"),
    ("access_token", "access token"),
    ("jwtAccessToken", "access token"),
    ("refreshToken", "refresh token"),
    ("refresh_token", "refresh token"),
    ("token", "token"),
    ("subject_token", "token"),
    ("actor_token", "token"),
    ("requestUri", "request URI"),
    ("request_uri", "request URI"),
    ("deviceCode", "device code"),
    ("device_code", "device code"),
    ("authReqId", "auth_req_id"),
    ("auth_req_id", "auth_req_id"),
    ("preAuthorizedCode", "pre-authorized code"),
    ("pre-authorized_code", "pre-authorized code"),
    ("issuerState", "issuer state"),
    ("issuer_state", "issuer state"),
    ("transactionId", "credential transaction"),
    ("transaction_id", "credential transaction"),
    ("notificationId", "notification"),
    ("notification_id", "notification"),
    ("registrationAccessToken", "registration access token"),
    ("registration_access_token", "registration access token"),
];

/// The same, of what is so short that its hash would tell it.
pub(super) const SHORT_LEADS: &[(&str, &str)] = &[("userCode", "user code"), ("user_code", "user code")];

/// What is never shown, besides whatever has `secret`, `password` or `verifier` in its name.
pub(super) const SECRETS: &[&str] = &["jwks", "federationJwks", "credentialJwks", "tx_code", "txCode", "pin"];

/// Texts of the protocol, which say nothing of people.
pub(super) const SHOWN: &[&str] = &[
    "acr",
    "acr_values",
    "acrs",
    "action",
    "alg",
    "applicationType",
    "aud",
    "audience",
    "audiences",
    "authorizationDetailsTypes",
    "claims_locales",
    "clientAuthMethod",
    "clientEntityId",
    "clientId",
    "clientIdAlias",
    "clientName",
    "clientType",
    "client_assertion_type",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "credential_configuration_id",
    "credential_configuration_ids",
    "display",
    "endpoint",
    "error",
    "error_description",
    "error_uri",
    "format",
    "gmAction",
    "grantId",
    "grantManagementAction",
    "grantType",
    "grant_id",
    "grant_management_action",
    "grant_type",
    "htm",
    "htu",
    "issued_token_type",
    "kid",
    "prompt",
    "prompts",
    "reason",
    "redirectUri",
    "redirect_uri",
    "requestedTokenType",
    "requested_token_type",
    "resource",
    "resources",
    "responseMode",
    "responseType",
    "response_mode",
    "response_type",
    "result",
    "resultCode",
    "resultMessage",
    "scope",
    "scopes",
    "serviceName",
    "sub",
    "subject",
    "subjectTokenType",
    "subject_token_type",
    "token_type",
    "token_type_hint",
    "type",
    "ui_locales",
    "url",
    "userCodeRequired",
];

/// Numbers of the protocol that stand where claims may.
const NUMBERS: &[&str] = &[
    "active",
    "auth_time",
    "c_nonce_expires_in",
    "client_id",
    "client_id_issued_at",
    "client_secret_expires_at",
    "exp",
    "expires_in",
    "iat",
    "interval",
    "nbf",
];

pub(super) fn is_number(name: &str) -> bool {
    NUMBERS.binary_search(&name).is_ok()
}

pub(super) fn lead(name: &str) -> Option<&'static str> {
    LEADS.iter().chain(SHORT_LEADS).find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

pub(super) fn is_short(name: &str) -> bool {
    SHORT_LEADS.iter().any(|(known, _)| *known == name)
}

pub(super) fn is_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRETS.contains(&name) || ["secret", "password", "verifier"].iter().any(|part| lower.contains(part))
}

pub(super) fn is_shown(name: &str) -> bool {
    SHOWN.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_mean_one_thing() {
        assert!(SHOWN.is_sorted() && NUMBERS.is_sorted());
        for (name, _) in LEADS.iter().chain(SHORT_LEADS) {
            assert!(!is_shown(name) && !is_secret(name), "{name}");
        }
        assert!(SHOWN.iter().all(|name| !is_secret(name)));
        assert!(
            is_secret("clientSecret")
                && is_secret("code_verifier")
                && is_secret("authenticationCallbackApiSecret")
        );
    }
}
