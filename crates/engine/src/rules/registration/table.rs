//! RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2, and the extensions that add metadata: the
//! name of each, the property that it is, and the form of its value

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    /// Also with language tags, kept in the property named here.
    LocalizedText(&'static str),
    Uri,
    LocalizedUri(&'static str),
    Texts,
    Flag,
    Seconds,
    KeySet,
    Delivery,
    GrantTypes,
    ResponseTypes,
    ResponseModes,
    AuthMethod,
    Jws,
    JweAlg,
    JweEnc,
    SubjectType,
    ApplicationType,
    RegistrationTypes,
}

impl Form {
    /// The property for values with language tags.
    pub fn localized(self) -> Option<&'static str> {
        match self {
            Self::LocalizedText(property) | Self::LocalizedUri(property) => Some(property),
            _ => None,
        }
    }
}

/// Metadata, property, form.
pub const TABLE: &[(&str, &str, Form)] = &[
    ("redirect_uris", "redirectUris", Form::Texts),
    ("response_types", "responseTypes", Form::ResponseTypes),
    ("grant_types", "grantTypes", Form::GrantTypes),
    ("application_type", "applicationType", Form::ApplicationType),
    ("contacts", "contacts", Form::Texts),
    ("client_name", "clientName", Form::LocalizedText("clientNames")),
    ("logo_uri", "logoUri", Form::LocalizedUri("logoUris")),
    ("client_uri", "clientUri", Form::LocalizedUri("clientUris")),
    ("policy_uri", "policyUri", Form::LocalizedUri("policyUris")),
    ("tos_uri", "tosUri", Form::LocalizedUri("tosUris")),
    ("jwks_uri", "jwksUri", Form::Uri),
    ("signed_jwks_uri", "signedJwksUri", Form::Uri),
    ("jwks", "jwks", Form::KeySet),
    ("sector_identifier_uri", "sectorIdentifierUri", Form::Uri),
    ("subject_type", "subjectType", Form::SubjectType),
    ("id_token_signed_response_alg", "idTokenSignAlg", Form::Jws),
    ("id_token_encrypted_response_alg", "idTokenEncryptionAlg", Form::JweAlg),
    ("id_token_encrypted_response_enc", "idTokenEncryptionEnc", Form::JweEnc),
    ("userinfo_signed_response_alg", "userInfoSignAlg", Form::Jws),
    ("userinfo_encrypted_response_alg", "userInfoEncryptionAlg", Form::JweAlg),
    ("userinfo_encrypted_response_enc", "userInfoEncryptionEnc", Form::JweEnc),
    ("request_object_signing_alg", "requestSignAlg", Form::Jws),
    ("request_object_encryption_alg", "requestEncryptionAlg", Form::JweAlg),
    ("request_object_encryption_enc", "requestEncryptionEnc", Form::JweEnc),
    ("token_endpoint_auth_method", "tokenAuthMethod", Form::AuthMethod),
    ("token_endpoint_auth_signing_alg", "tokenAuthSignAlg", Form::Jws),
    ("default_max_age", "defaultMaxAge", Form::Seconds),
    ("require_auth_time", "authTimeRequired", Form::Flag),
    ("default_acr_values", "defaultAcrs", Form::Texts),
    ("initiate_login_uri", "loginUri", Form::Uri),
    ("request_uris", "requestUris", Form::Texts),
    ("software_id", "softwareId", Form::Text),
    ("software_version", "softwareVersion", Form::Text),
    ("tls_client_auth_subject_dn", "tlsClientAuthSubjectDn", Form::Text),
    ("tls_client_auth_san_dns", "tlsClientAuthSanDns", Form::Text),
    ("tls_client_auth_san_uri", "tlsClientAuthSanUri", Form::Text),
    ("tls_client_auth_san_ip", "tlsClientAuthSanIp", Form::Text),
    ("tls_client_auth_san_email", "tlsClientAuthSanEmail", Form::Text),
    ("tls_client_certificate_bound_access_tokens", "tlsClientCertificateBoundAccessTokens", Form::Flag),
    ("spiffe_id", "spiffeId", Form::Text),
    ("spiffe_bundle_endpoint", "spiffeBundleEndpoint", Form::Uri),
    ("authorization_signed_response_alg", "authorizationSignAlg", Form::Jws),
    ("authorization_encrypted_response_alg", "authorizationEncryptionAlg", Form::JweAlg),
    ("authorization_encrypted_response_enc", "authorizationEncryptionEnc", Form::JweEnc),
    ("backchannel_token_delivery_mode", "bcDeliveryMode", Form::Delivery),
    ("backchannel_client_notification_endpoint", "bcNotificationEndpoint", Form::Uri),
    ("backchannel_authentication_request_signing_alg", "bcRequestSignAlg", Form::Jws),
    ("backchannel_user_code_parameter", "bcUserCodeRequired", Form::Flag),
    ("authorization_details_types", "authorizationDetailsTypes", Form::Texts),
    ("digest_algorithm", "digestAlgorithm", Form::Text),
    ("organization_name", "organizationName", Form::Text),
    ("client_registration_types", "clientRegistrationTypes", Form::RegistrationTypes),
    ("credential_offer_endpoint", "credentialOfferEndpoint", Form::Uri),
    ("use_mtls_endpoint_aliases", "mtlsEndpointAliasesUsed", Form::Flag),
    ("response_modes", "responseModes", Form::ResponseModes),
    ("backchannel_logout_uri", "backchannelLogoutUri", Form::Uri),
    ("backchannel_logout_session_required", "backchannelLogoutSessionRequired", Form::Flag),
    ("require_pushed_authorization_requests", "parRequired", Form::Flag),
    ("require_signed_request_object", "requestObjectRequired", Form::Flag),
    ("dpop_bound_access_tokens", "dpopRequired", Form::Flag),
];
