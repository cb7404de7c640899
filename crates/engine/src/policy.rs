//! What is required of a request. A policy is data, and combining policies only ever tightens: the
//! stricter of ordered demands, the *or* of obligations, the intersection of what is allowed, the shorter
//! of lifetimes.

pub mod fapi1;
pub mod fapi2;
pub mod haip;
pub mod oauth21;
pub mod open_banking;

use placet_base::Ttl;
use placet_base::registry::{
    ClientAuthMethod, DeliveryMode, FapiMode, GrantType, JwsAlg, ResponseType, ServiceProfile,
};
use placet_base::set::Set;

/// Who demands something, if anybody does. The order is that of precedence when it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    Nobody,
    Client,
    Service,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub request: RequestPolicy,
    pub client: ClientPolicy,
    pub token: TokenPolicy,
    pub backchannel: BackchannelPolicy,
    pub resource: ResourcePolicy,
    pub credential: CredentialPolicy,
}

/// What an authorization request must be, and how it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestPolicy {
    /// PKCE must be used (RFC 7636).
    pub pkce: bool,
    /// PKCE, where it is used, must be used with S256.
    pub s256: bool,
    /// PKCE must be used in requests that are pushed.
    pub pkce_pushed: bool,
    /// Requests must be pushed (RFC 9126).
    pub pushed: Demand,
    /// Requests must be request objects (RFC 9101).
    pub object: Demand,
    /// A request object must be signed.
    pub object_signed: bool,
    /// A request object must say when it begins and ends, at most this long apart.
    pub object_lifetime: Option<Ttl>,
    /// A request object must be for this service.
    pub object_audience: bool,
    /// A request object must hold all of the request: nothing outside it counts.
    pub object_complete: bool,
    /// A request object that travels through a browser must be encrypted.
    pub object_encrypted: bool,
    /// A request must end up with a scope.
    pub scope: bool,
    /// A request must name its redirect URI, and that must be https.
    pub redirect_uri: bool,
    /// A request for `openid` must carry `nonce`, any other `state`.
    pub nonce_or_state: bool,
    pub response_types: Set<ResponseType>,
    /// An answer that carries a code alone must be a JWT.
    pub code_in_jwt: bool,
    /// Every answer must be a JWT (JARM).
    pub answer_in_jwt: bool,
    /// Answers name their issuer (RFC 9207).
    pub issuer: bool,
    /// A grant management action must be named.
    pub grant_action: bool,
}

/// What a client must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientPolicy {
    pub confidential: bool,
    pub auth_methods: Set<ClientAuthMethod>,
    /// For whatever a client or the service signs.
    pub algs: Set<JwsAlg>,
    /// Assertions are for the issuer alone, as one text.
    pub assertion_for_issuer: bool,
    pub grant_types: Set<GrantType>,
    /// RSA1_5 is nowhere used.
    pub no_rsa15: bool,
}

/// What tokens must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenPolicy {
    /// Access tokens are bound to a key of the client.
    pub bound: bool,
    /// Access tokens are bound to the client's certificate (RFC 8705).
    pub bound_by_certificate: bool,
    /// Access tokens are bound to a DPoP key (RFC 9449).
    pub bound_by_dpop: bool,
    /// ID tokens must tell when the user was authenticated.
    pub auth_time: bool,
    /// ID tokens of the authorization endpoint carry `s_hash`.
    pub state_hash: bool,
    /// Refresh tokens are not replaced when they are used.
    pub refresh_kept: bool,
    /// One access token for each client and user.
    pub single: bool,
    pub code: Ttl,
    pub access: Ttl,
    /// An access token that is bound to no key.
    pub unbound: Ttl,
    pub refresh: Ttl,
    pub id: Ttl,
    pub pushed: Ttl,
}

/// What a backchannel authentication request must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackchannelPolicy {
    pub signed: bool,
    pub binding_message: bool,
    pub delivery: Set<DeliveryMode>,
}

/// What is required at resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourcePolicy {
    /// Introspection answers are signed JWTs (RFC 9701).
    pub introspection_signed: bool,
    /// Requests carry an HTTP message signature (RFC 9421).
    pub requests_signed: bool,
    /// Responses carry an HTTP message signature (RFC 9421).
    pub responses_signed: bool,
}

/// What credentials must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialPolicy {
    /// Their holders disclose what is asked for, and no more: they are SD-JWT VCs or mdocs.
    pub disclosed_selectively: bool,
    /// They show the certificate of the key that has signed them.
    pub certified: bool,
}

/// FAPI 2.0 HTTP Signatures §5.3.2: how a signature says that it is of a response.
pub const RESPONSE_TAG: &str = "fapi-2-response";

/// FAPI 2.0 Security Profile §5.3.2.1: JWTs that begin within 10 seconds are accepted, and those that begin
/// after 60 seconds are not. Clocks are no different elsewhere, so this holds for every service.
pub const EARLY: (i64, i64) = (10, 60);

/// A lifetime that limits nothing: some 31,000 years.
const UNLIMITED: Ttl = Ttl::secs(1_000_000_000_000);

impl RequestPolicy {
    pub const FREE: RequestPolicy = RequestPolicy {
        pkce: false,
        s256: false,
        pkce_pushed: false,
        pushed: Demand::Nobody,
        object: Demand::Nobody,
        object_signed: false,
        object_lifetime: None,
        object_audience: false,
        object_complete: false,
        object_encrypted: false,
        scope: false,
        redirect_uri: false,
        nonce_or_state: false,
        response_types: Set::EVERY,
        code_in_jwt: false,
        answer_in_jwt: false,
        issuer: false,
        grant_action: false,
    };

    fn meet(self, other: Self) -> Self {
        Self {
            pkce: self.pkce || other.pkce,
            s256: self.s256 || other.s256,
            pkce_pushed: self.pkce_pushed || other.pkce_pushed,
            pushed: self.pushed.max(other.pushed),
            object: self.object.max(other.object),
            object_signed: self.object_signed || other.object_signed,
            object_lifetime: shorter(self.object_lifetime, other.object_lifetime),
            object_audience: self.object_audience || other.object_audience,
            object_complete: self.object_complete || other.object_complete,
            object_encrypted: self.object_encrypted || other.object_encrypted,
            scope: self.scope || other.scope,
            redirect_uri: self.redirect_uri || other.redirect_uri,
            nonce_or_state: self.nonce_or_state || other.nonce_or_state,
            response_types: self.response_types.meet(other.response_types),
            code_in_jwt: self.code_in_jwt || other.code_in_jwt,
            answer_in_jwt: self.answer_in_jwt || other.answer_in_jwt,
            issuer: self.issuer || other.issuer,
            grant_action: self.grant_action || other.grant_action,
        }
    }
}

fn shorter(a: Option<Ttl>, b: Option<Ttl>) -> Option<Ttl> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl ClientPolicy {
    pub const FREE: ClientPolicy = ClientPolicy {
        confidential: false,
        auth_methods: Set::EVERY,
        algs: Set::EVERY,
        assertion_for_issuer: false,
        grant_types: Set::EVERY,
        no_rsa15: false,
    };

    fn meet(self, other: Self) -> Self {
        Self {
            confidential: self.confidential || other.confidential,
            auth_methods: self.auth_methods.meet(other.auth_methods),
            algs: self.algs.meet(other.algs),
            assertion_for_issuer: self.assertion_for_issuer || other.assertion_for_issuer,
            grant_types: self.grant_types.meet(other.grant_types),
            no_rsa15: self.no_rsa15 || other.no_rsa15,
        }
    }
}

impl TokenPolicy {
    pub const FREE: TokenPolicy = TokenPolicy {
        bound: false,
        bound_by_certificate: false,
        bound_by_dpop: false,
        auth_time: false,
        state_hash: false,
        refresh_kept: false,
        single: false,
        code: UNLIMITED,
        access: UNLIMITED,
        unbound: UNLIMITED,
        refresh: UNLIMITED,
        id: UNLIMITED,
        pushed: UNLIMITED,
    };

    fn meet(self, other: Self) -> Self {
        Self {
            bound: self.bound || other.bound,
            bound_by_certificate: self.bound_by_certificate || other.bound_by_certificate,
            bound_by_dpop: self.bound_by_dpop || other.bound_by_dpop,
            auth_time: self.auth_time || other.auth_time,
            state_hash: self.state_hash || other.state_hash,
            refresh_kept: self.refresh_kept || other.refresh_kept,
            single: self.single || other.single,
            code: self.code.min(other.code),
            access: self.access.min(other.access),
            unbound: self.unbound.min(other.unbound),
            refresh: self.refresh.min(other.refresh),
            id: self.id.min(other.id),
            pushed: self.pushed.min(other.pushed),
        }
    }
}

impl BackchannelPolicy {
    pub const FREE: BackchannelPolicy =
        BackchannelPolicy { signed: false, binding_message: false, delivery: Set::EVERY };

    fn meet(self, other: Self) -> Self {
        Self {
            signed: self.signed || other.signed,
            binding_message: self.binding_message || other.binding_message,
            delivery: self.delivery.meet(other.delivery),
        }
    }
}

impl ResourcePolicy {
    pub const FREE: ResourcePolicy =
        ResourcePolicy { introspection_signed: false, requests_signed: false, responses_signed: false };

    fn meet(self, other: Self) -> Self {
        Self {
            introspection_signed: self.introspection_signed || other.introspection_signed,
            requests_signed: self.requests_signed || other.requests_signed,
            responses_signed: self.responses_signed || other.responses_signed,
        }
    }
}

impl CredentialPolicy {
    pub const FREE: CredentialPolicy = CredentialPolicy { disclosed_selectively: false, certified: false };

    fn meet(self, other: Self) -> Self {
        Self {
            disclosed_selectively: self.disclosed_selectively || other.disclosed_selectively,
            certified: self.certified || other.certified,
        }
    }
}

impl Policy {
    /// Demands nothing.
    pub const FREE: Policy = Policy {
        request: RequestPolicy::FREE,
        client: ClientPolicy::FREE,
        token: TokenPolicy::FREE,
        backchannel: BackchannelPolicy::FREE,
        resource: ResourcePolicy::FREE,
        credential: CredentialPolicy::FREE,
    };

    /// What satisfies both.
    pub fn meet(self, other: Policy) -> Policy {
        Policy {
            request: self.request.meet(other.request),
            client: self.client.meet(other.client),
            token: self.token.meet(other.token),
            backchannel: self.backchannel.meet(other.backchannel),
            resource: self.resource.meet(other.resource),
            credential: self.credential.meet(other.credential),
        }
    }

    /// What a mode that service or client is put under demands.
    pub fn of_mode(mode: FapiMode) -> Policy {
        match mode {
            FapiMode::Fapi1Baseline => fapi1::BASELINE,
            FapiMode::Fapi1Advanced => fapi1::ADVANCED,
            FapiMode::Fapi2Security => fapi2::SECURITY,
            FapiMode::Fapi2MessageSigningAuthReq => fapi2::SIGNED_REQUESTS,
            FapiMode::Fapi2MessageSigningAuthRes => fapi2::SIGNED_ANSWERS,
            FapiMode::Fapi2MessageSigningIntrospectionRes => fapi2::SIGNED_INTROSPECTION,
            FapiMode::Fapi2MessageSigningResourceReq => fapi2::SIGNED_RESOURCE_REQUESTS,
            FapiMode::Fapi2MessageSigningResourceRes => fapi2::SIGNED_RESOURCE_RESPONSES,
        }
    }

    /// What an attribute of a scope demands: `fapi`, `fapi2` and `haip` switch profiles on.
    pub fn of_scope_attribute(key: &str, value: &str) -> Option<Policy> {
        Some(match (key, value) {
            ("fapi", "r") => fapi1::BASELINE,
            ("fapi", "rw") => fapi1::ADVANCED,
            ("fapi2", "sp") => fapi2::SECURITY,
            ("fapi2", "ms-authreq") => fapi2::SIGNED_REQUESTS,
            ("fapi2", "ms-authres") => fapi2::SIGNED_ANSWERS,
            ("haip", "1.0") => haip::V1,
            _ => return None,
        })
    }

    /// What the attribute `profile` of a service or client demands: profiles that the API has no
    /// setting for. `None` for a name that is not known.
    pub fn of_profile(name: &str) -> Option<Policy> {
        Some(match name {
            "oauth_2_1" => oauth21::V2_1,
            "open_banking_uk" => open_banking::UNITED_KINGDOM,
            "open_banking_brazil" => open_banking::BRAZIL,
            "consumer_data_right_au" => open_banking::AUSTRALIA,
            _ => return None,
        })
    }

    /// What a declared profile of a service demands by itself.
    pub fn of_service_profile(profile: ServiceProfile) -> Policy {
        match profile {
            // It lets scopes switch profiles on; by itself it asks for nothing.
            ServiceProfile::Fapi => Policy::FREE,
            ServiceProfile::OpenBanking => open_banking::DECLARED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every profile there is, by the name of its constant.
    fn profiles() -> Vec<Policy> {
        let modes = FapiMode::ALL.iter().map(|mode| Policy::of_mode(*mode));
        let named = ["oauth_2_1", "open_banking_uk", "open_banking_brazil", "consumer_data_right_au"];
        let named = named.iter().filter_map(|name| Policy::of_profile(name));
        modes.chain(named).chain([haip::V1, open_banking::DECLARED, Policy::FREE]).collect()
    }

    /// Whether `a` demands at least what `b` demands: that is what combining with `b` cannot change.
    fn demands_all_of(a: Policy, b: Policy) -> bool {
        a.meet(b) == a
    }

    #[test]
    fn combining_is_commutative_associative_and_idempotent() {
        let sample = profiles();
        for a in &sample {
            assert_eq!(a.meet(*a), *a);
            assert_eq!(a.meet(Policy::FREE), *a);
            for b in &sample {
                assert_eq!(a.meet(*b), b.meet(*a));
                for c in &sample {
                    assert_eq!(a.meet(*b).meet(*c), a.meet(b.meet(*c)));
                }
            }
        }
    }

    #[test]
    fn combining_only_tightens() {
        for a in profiles() {
            for b in profiles() {
                assert!(demands_all_of(a.meet(b), a) && demands_all_of(a.meet(b), b));
            }
        }
    }

    #[test]
    fn profiles_include_what_they_build_on() {
        for mode in [
            fapi2::SIGNED_REQUESTS,
            fapi2::SIGNED_ANSWERS,
            fapi2::SIGNED_INTROSPECTION,
            fapi2::SIGNED_RESOURCE_REQUESTS,
            fapi2::SIGNED_RESOURCE_RESPONSES,
        ] {
            assert!(demands_all_of(mode, fapi2::SECURITY));
        }
        assert!(demands_all_of(open_banking::BRAZIL, fapi1::ADVANCED));
        assert!(demands_all_of(open_banking::AUSTRALIA, fapi1::ADVANCED));
    }
}
