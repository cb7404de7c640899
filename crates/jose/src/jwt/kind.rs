//! RFC 8725 §3.11 – what a JWT is for, and the types that say so

use serde_json::Value;

use crate::jws::Header;

/// What a JWT is for. RFC 8725 §3.11: one that was made for something else is not taken, however well signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RFC 9101 §10.8
    RequestObject,
    /// OpenID Connect CIBA §7.1.1
    BackchannelRequest,
    /// RFC 7523 §2.2
    ClientAssertion,
    /// RFC 7591 §2.3
    SoftwareStatement,
    /// OpenID Connect Core §2
    IdToken,
    /// RFC 9449 §4.2
    DpopProof,
    /// RFC 9068 §2.1
    AccessToken,
    /// RFC 7523 §2.1
    AuthorizationGrant,
    /// draft-ietf-oauth-identity-assertion-authz-grant-04 §3
    IdJag,
    /// draft-ietf-oauth-attestation-based-client-auth-07 §5.1
    ClientAttestation,
    /// §5.2 of it.
    ClientAttestationProof,
    /// SPIFFE JWT-SVID §2.3
    JwtSvid,
    /// OpenID Federation 1.0 §3
    EntityStatement,
    /// §7 of it.
    TrustMark,
    /// §7.2 of it.
    TrustMarkDelegation,
    /// §8.4.2 of it.
    TrustMarkStatus,
    /// §5.2.1.1 of it.
    SignedKeySet,
    /// draft-ietf-oauth-sd-jwt-vc-18 §2.2.1
    SdJwtVc,
    /// RFC 9901 §4.3
    KeyBinding,
    /// OpenID for Verifiable Credential Issuance 1.0, appendix F.1
    KeyProof,
    /// Appendix D.1 of it.
    KeyAttestation,
    /// draft-ietf-oauth-status-list-21 §5.1
    StatusList,
    /// RFC 8693 §3: a JWT of any kind, given to be exchanged.
    SubjectToken,
}

impl Kind {
    /// What `typ` may say, without `application/`.
    fn types(self) -> &'static [&'static str] {
        match self {
            Self::RequestObject => &["jwt", "oauth-authz-req+jwt"],
            Self::ClientAssertion => &["jwt", "client-authentication+jwt"],
            Self::BackchannelRequest | Self::SoftwareStatement | Self::IdToken => &["jwt"],
            Self::DpopProof => &["dpop+jwt"],
            Self::AccessToken => &["at+jwt"],
            Self::AuthorizationGrant => &["jwt", "authorization-grant+jwt"],
            Self::IdJag => &["oauth-id-jag+jwt"],
            Self::ClientAttestation => &["oauth-client-attestation+jwt"],
            Self::ClientAttestationProof => &["oauth-client-attestation-pop+jwt"],
            Self::JwtSvid => &["jwt", "jose"],
            Self::EntityStatement => &["entity-statement+jwt"],
            Self::TrustMark => &["trust-mark+jwt"],
            Self::TrustMarkDelegation => &["trust-mark-delegation+jwt"],
            Self::TrustMarkStatus => &["trust-mark-status-response+jwt"],
            Self::SignedKeySet => &["jwk-set+jwt"],
            // The former name is that of drafts before -07, which OpenID4VCI implementer's draft 1 goes with.
            Self::SdJwtVc => &["dc+sd-jwt", "vc+sd-jwt"],
            Self::KeyBinding => &["kb+jwt"],
            Self::KeyProof => &["openid4vci-proof+jwt"],
            Self::KeyAttestation => &["key-attestation+jwt"],
            Self::StatusList => &["statuslist+jwt"],
            Self::SubjectToken => &[],
        }
    }

    /// Whether `typ` may be left out: kinds that are older than the habit of saying it.
    fn may_be_untyped(self) -> bool {
        match self {
            Self::RequestObject
            | Self::BackchannelRequest
            | Self::ClientAssertion
            | Self::SoftwareStatement
            | Self::IdToken
            | Self::AuthorizationGrant
            | Self::JwtSvid
            | Self::SubjectToken => true,
            Self::DpopProof
            | Self::AccessToken
            | Self::IdJag
            | Self::ClientAttestation
            | Self::ClientAttestationProof
            | Self::EntityStatement
            | Self::TrustMark
            | Self::TrustMarkDelegation
            | Self::TrustMarkStatus
            | Self::SignedKeySet
            | Self::SdJwtVc
            | Self::KeyBinding
            | Self::KeyProof
            | Self::KeyAttestation
            | Self::StatusList => false,
        }
    }

    /// RFC 7515 §4.1.9: a media type, in any case, whose `application/` may be left out.
    pub(super) fn is_that_of(self, header: &Header) -> bool {
        match header.get("typ") {
            None => self.may_be_untyped(),
            Some(Value::String(_)) if self == Self::SubjectToken => true,
            Some(Value::String(typ)) => {
                let typ = typ.to_ascii_lowercase();
                self.types().contains(&typ.strip_prefix("application/").unwrap_or(&typ))
            }
            Some(_) => false,
        }
    }
}
