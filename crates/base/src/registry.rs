//! The closed enumerations of the protocol registries, one table row per value: the name that the API
//! writes, and the name that the protocol writes.

use serde::{Deserialize, Serialize};

macro_rules! registry {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $api:literal, $protocol:literal;)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $(#[serde(rename = $api)] $variant,)*
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in API documents, such as `AUTHORIZATION_CODE`.
            pub fn api_name(self) -> &'static str {
                match self { $(Self::$variant => $api,)* }
            }

            /// The name on the protocol's wire, such as `authorization_code`.
            pub fn protocol_name(self) -> &'static str {
                match self { $(Self::$variant => $protocol,)* }
            }

            pub fn from_protocol(text: &str) -> Option<Self> {
                match text { $($protocol => Some(Self::$variant),)* _ => None }
            }

            /// By either of its names.
            pub fn named(text: &str) -> Option<Self> {
                let by_api_name = || Self::ALL.iter().find(|one| one.api_name() == text).copied();
                Self::from_protocol(text).or_else(by_api_name)
            }

            /// The value as one bit, for sets that are constants.
            pub const fn mask(self) -> u32 {
                1 << self as u32
            }
        }

        impl crate::set::Member for $name {
            fn bit(self) -> u32 {
                self.mask()
            }
        }
    )*};
}

registry! {
    /// RFC 6749 §4, and the extension grants.
    GrantType {
        AuthorizationCode = "AUTHORIZATION_CODE", "authorization_code";
        Implicit = "IMPLICIT", "implicit";
        Password = "PASSWORD", "password";
        ClientCredentials = "CLIENT_CREDENTIALS", "client_credentials";
        RefreshToken = "REFRESH_TOKEN", "refresh_token";
        Ciba = "CIBA", "urn:openid:params:grant-type:ciba";
        DeviceCode = "DEVICE_CODE", "urn:ietf:params:oauth:grant-type:device_code";
        TokenExchange = "TOKEN_EXCHANGE", "urn:ietf:params:oauth:grant-type:token-exchange";
        JwtBearer = "JWT_BEARER", "urn:ietf:params:oauth:grant-type:jwt-bearer";
        PreAuthorizedCode = "PRE_AUTHORIZED_CODE", "urn:ietf:params:oauth:grant-type:pre-authorized_code";
    }

    /// OAuth 2.0 Multiple Response Type Encoding Practices.
    ResponseType {
        None = "NONE", "none";
        Code = "CODE", "code";
        Token = "TOKEN", "token";
        IdToken = "ID_TOKEN", "id_token";
        CodeToken = "CODE_TOKEN", "code token";
        CodeIdToken = "CODE_ID_TOKEN", "code id_token";
        IdTokenToken = "ID_TOKEN_TOKEN", "id_token token";
        CodeIdTokenToken = "CODE_ID_TOKEN_TOKEN", "code id_token token";
    }

    /// OAuth 2.0 Multiple Response Type Encoding Practices §2.1, Form Post Response Mode, JARM.
    ResponseMode {
        Query = "QUERY", "query";
        Fragment = "FRAGMENT", "fragment";
        FormPost = "FORM_POST", "form_post";
        Jwt = "JWT", "jwt";
        QueryJwt = "QUERY_JWT", "query.jwt";
        FragmentJwt = "FRAGMENT_JWT", "fragment.jwt";
        FormPostJwt = "FORM_POST_JWT", "form_post.jwt";
    }

    /// The ways in which a client proves itself (RFC 6749 §2.3 and its extensions).
    ClientAuthMethod {
        None = "NONE", "none";
        ClientSecretBasic = "CLIENT_SECRET_BASIC", "client_secret_basic";
        ClientSecretPost = "CLIENT_SECRET_POST", "client_secret_post";
        ClientSecretJwt = "CLIENT_SECRET_JWT", "client_secret_jwt";
        PrivateKeyJwt = "PRIVATE_KEY_JWT", "private_key_jwt";
        TlsClientAuth = "TLS_CLIENT_AUTH", "tls_client_auth";
        SelfSignedTlsClientAuth = "SELF_SIGNED_TLS_CLIENT_AUTH", "self_signed_tls_client_auth";
        AttestJwtClientAuth = "ATTEST_JWT_CLIENT_AUTH", "attest_jwt_client_auth";
        SpiffeJwt = "SPIFFE_JWT", "spiffe_jwt";
    }

    /// RFC 7518 §3.1, RFC 8037, RFC 8812.
    JwsAlg {
        None = "NONE", "none";
        Hs256 = "HS256", "HS256";
        Hs384 = "HS384", "HS384";
        Hs512 = "HS512", "HS512";
        Rs256 = "RS256", "RS256";
        Rs384 = "RS384", "RS384";
        Rs512 = "RS512", "RS512";
        Es256 = "ES256", "ES256";
        Es384 = "ES384", "ES384";
        Es512 = "ES512", "ES512";
        Ps256 = "PS256", "PS256";
        Ps384 = "PS384", "PS384";
        Ps512 = "PS512", "PS512";
        Es256k = "ES256K", "ES256K";
        EdDsa = "EdDSA", "EdDSA";
    }

    /// RFC 7518 §4.1.
    JweAlg {
        Rsa15 = "RSA1_5", "RSA1_5";
        RsaOaep = "RSA_OAEP", "RSA-OAEP";
        RsaOaep256 = "RSA_OAEP_256", "RSA-OAEP-256";
        A128Kw = "A128KW", "A128KW";
        A192Kw = "A192KW", "A192KW";
        A256Kw = "A256KW", "A256KW";
        Dir = "DIR", "dir";
        EcdhEs = "ECDH_ES", "ECDH-ES";
        EcdhEsA128Kw = "ECDH_ES_A128KW", "ECDH-ES+A128KW";
        EcdhEsA192Kw = "ECDH_ES_A192KW", "ECDH-ES+A192KW";
        EcdhEsA256Kw = "ECDH_ES_A256KW", "ECDH-ES+A256KW";
        A128GcmKw = "A128GCMKW", "A128GCMKW";
        A192GcmKw = "A192GCMKW", "A192GCMKW";
        A256GcmKw = "A256GCMKW", "A256GCMKW";
        Pbes2Hs256A128Kw = "PBES2_HS256_A128KW", "PBES2-HS256+A128KW";
        Pbes2Hs384A192Kw = "PBES2_HS384_A192KW", "PBES2-HS384+A192KW";
        Pbes2Hs512A256Kw = "PBES2_HS512_A256KW", "PBES2-HS512+A256KW";
    }

    /// RFC 7518 §5.1.
    JweEnc {
        A128CbcHs256 = "A128CBC_HS256", "A128CBC-HS256";
        A192CbcHs384 = "A192CBC_HS384", "A192CBC-HS384";
        A256CbcHs512 = "A256CBC_HS512", "A256CBC-HS512";
        A128Gcm = "A128GCM", "A128GCM";
        A192Gcm = "A192GCM", "A192GCM";
        A256Gcm = "A256GCM", "A256GCM";
    }

    /// OpenID Connect Core §3.1.2.1, and Initiating User Registration for `create`.
    Prompt {
        None = "NONE", "none";
        Login = "LOGIN", "login";
        Consent = "CONSENT", "consent";
        SelectAccount = "SELECT_ACCOUNT", "select_account";
        Create = "CREATE", "create";
    }

    /// OpenID Connect Core §3.1.2.1.
    Display {
        Page = "PAGE", "page";
        Popup = "POPUP", "popup";
        Touch = "TOUCH", "touch";
        Wap = "WAP", "wap";
    }

    /// RFC 6749 §2.1.
    ClientType {
        Public = "PUBLIC", "public";
        Confidential = "CONFIDENTIAL", "confidential";
    }

    /// OpenID Connect Dynamic Client Registration §2.
    ApplicationType {
        Web = "WEB", "web";
        Native = "NATIVE", "native";
    }

    /// OpenID Connect Core §8.
    SubjectType {
        Public = "PUBLIC", "public";
        Pairwise = "PAIRWISE", "pairwise";
    }

    /// OpenID Connect Core §5.6.
    ClaimType {
        Normal = "NORMAL", "normal";
        Aggregated = "AGGREGATED", "aggregated";
        Distributed = "DISTRIBUTED", "distributed";
    }

    /// CIBA Core §5.
    DeliveryMode {
        Ping = "PING", "ping";
        Poll = "POLL", "poll";
        Push = "PUSH", "push";
    }

    /// OpenID Connect for Identity Assurance §5.
    AttachmentType {
        Embedded = "EMBEDDED", "embedded";
        External = "EXTERNAL", "external";
    }

    /// OpenID Federation §12.
    ClientRegistrationType {
        Automatic = "AUTOMATIC", "automatic";
        Explicit = "EXPLICIT", "explicit";
    }

    /// How a client came to be known.
    ClientSource {
        StaticRegistration = "STATIC_REGISTRATION", "static_registration";
        DynamicRegistration = "DYNAMIC_REGISTRATION", "dynamic_registration";
        AutomaticRegistration = "AUTOMATIC_REGISTRATION", "automatic_registration";
        ExplicitRegistration = "EXPLICIT_REGISTRATION", "explicit_registration";
        MetadataDocument = "METADATA_DOCUMENT", "metadata_document";
    }

    /// The profiles that a service may be put under.
    FapiMode {
        Fapi1Advanced = "FAPI1_ADVANCED", "fapi1_advanced";
        Fapi1Baseline = "FAPI1_BASELINE", "fapi1_baseline";
        Fapi2MessageSigningAuthReq = "FAPI2_MESSAGE_SIGNING_AUTH_REQ", "fapi2_message_signing_auth_req";
        Fapi2MessageSigningAuthRes = "FAPI2_MESSAGE_SIGNING_AUTH_RES", "fapi2_message_signing_auth_res";
        Fapi2MessageSigningIntrospectionRes = "FAPI2_MESSAGE_SIGNING_INTROSPECTION_RES", "fapi2_message_signing_introspection_res";
        Fapi2MessageSigningResourceReq = "FAPI2_MESSAGE_SIGNING_RESOURCE_REQ", "fapi2_message_signing_resource_req";
        Fapi2MessageSigningResourceRes = "FAPI2_MESSAGE_SIGNING_RESOURCE_RES", "fapi2_message_signing_resource_res";
        Fapi2Security = "FAPI2_SECURITY", "fapi2_security";
    }

    /// What a service declares itself to be ready for.
    ServiceProfile {
        Fapi = "FAPI", "fapi";
        OpenBanking = "OPEN_BANKING", "open_banking";
    }

    /// Grant Management for OAuth 2.0 §5.
    GrantManagementAction {
        Create = "CREATE", "create";
        Query = "QUERY", "query";
        Replace = "REPLACE", "replace";
        Revoke = "REVOKE", "revoke";
        Merge = "MERGE", "merge";
    }

    /// What a token is, as an exchange names it (RFC 8693 §3; OpenID Connect Native SSO §4.1;
    /// draft-ietf-oauth-identity-assertion-authz-grant-04 §4.3; draft-ietf-oauth-transaction-tokens-10 §7.1).
    TokenType {
        Jwt = "JWT", "urn:ietf:params:oauth:token-type:jwt";
        AccessToken = "ACCESS_TOKEN", "urn:ietf:params:oauth:token-type:access_token";
        RefreshToken = "REFRESH_TOKEN", "urn:ietf:params:oauth:token-type:refresh_token";
        IdToken = "ID_TOKEN", "urn:ietf:params:oauth:token-type:id_token";
        Saml1 = "SAML1", "urn:ietf:params:oauth:token-type:saml1";
        Saml2 = "SAML2", "urn:ietf:params:oauth:token-type:saml2";
        DeviceSecret = "DEVICE_SECRET", "urn:openid:params:token-type:device-secret";
        IdJag = "ID_JAG", "urn:ietf:params:oauth:token-type:id-jag";
        TxnToken = "TXN_TOKEN", "urn:ietf:params:oauth:token-type:txn_token";
    }

    /// The characters that user codes are made of (RFC 8628 §6.1).
    UserCodeCharset {
        Base20 = "BASE20", "base20";
        Numeric = "NUMERIC", "numeric";
    }

    /// Which JSON schemas judge `verified_claims`.
    VerifiedClaimsValidationSchema {
        Standard = "standard", "standard";
        StandardAndIdDocument = "standard+id_document", "standard+id_document";
    }

    /// The social networks of the hosted product's old authorization page.
    Sns {
        Facebook = "FACEBOOK", "facebook";
    }
}

impl JwsAlg {
    /// Whether the signature is one that the holder of a shared secret can make.
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
    }

    /// Whether the signature proves who made it.
    pub fn is_asymmetric(self) -> bool {
        self != Self::None && !self.is_symmetric()
    }
}

impl ResponseMode {
    /// JARM §2.3: whether the answer travels inside a JWT.
    pub fn is_jwt(self) -> bool {
        matches!(self, Self::Jwt | Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt)
    }
}

impl ResponseType {
    /// Whether an authorization code is asked for.
    pub fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeToken | Self::CodeIdToken | Self::CodeIdTokenToken)
    }

    /// Whether an access token is asked for at the authorization endpoint.
    pub fn has_token(self) -> bool {
        matches!(self, Self::Token | Self::CodeToken | Self::IdTokenToken | Self::CodeIdTokenToken)
    }

    /// Whether an ID token is asked for at the authorization endpoint.
    pub fn has_id_token(self) -> bool {
        matches!(self, Self::IdToken | Self::CodeIdToken | Self::IdTokenToken | Self::CodeIdTokenToken)
    }

    /// Reads a `response_type` parameter: the order of its values has no meaning (Multiple Response
    /// Type Encoding Practices §3), a repeated value is an error.
    pub fn parse(text: &str) -> Option<Self> {
        let mut values: Vec<&str> = text.split(' ').filter(|v| !v.is_empty()).collect();
        values.sort_unstable();
        Self::from_protocol(&values.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_types_ignore_order() {
        assert_eq!(ResponseType::parse("token code"), Some(ResponseType::CodeToken));
        assert_eq!(ResponseType::parse("id_token code"), Some(ResponseType::CodeIdToken));
        assert_eq!(ResponseType::parse("code code"), None);
        assert_eq!(ResponseType::parse(""), None);
    }

    #[test]
    fn protocol_names_round_trip() {
        for grant in GrantType::ALL {
            assert_eq!(GrantType::from_protocol(grant.protocol_name()), Some(*grant));
        }
    }
}
