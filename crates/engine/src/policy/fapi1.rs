//! Financial-grade API Security Profile 1.0 – Part 1: Baseline, Part 2: Advanced; and FAPI-CIBA.

use placet_base::Ttl;
use placet_base::registry::{ClientAuthMethod, DeliveryMode, GrantType, JwsAlg, ResponseType};
use placet_base::set::Set;

use super::{BackchannelPolicy, ClientPolicy, Demand, Policy, RequestPolicy, TokenPolicy};

/// Part 1 §5.2.2: `client_secret_jwt`, `private_key_jwt` or mutual TLS.
const METHODS: Set<ClientAuthMethod> = Set::of_bits(
    ClientAuthMethod::None.mask()
        | ClientAuthMethod::ClientSecretJwt.mask()
        | ClientAuthMethod::PrivateKeyJwt.mask()
        | ClientAuthMethod::TlsClientAuth.mask()
        | ClientAuthMethod::SelfSignedTlsClientAuth.mask(),
);

/// Part 2 §5.2.2-14: `client_secret_jwt` goes too.
const ADVANCED_METHODS: Set<ClientAuthMethod> = Set::of_bits(
    ClientAuthMethod::PrivateKeyJwt.mask()
        | ClientAuthMethod::TlsClientAuth.mask()
        | ClientAuthMethod::SelfSignedTlsClientAuth.mask(),
);

/// Part 2 §8.6.
const ALGS: Set<JwsAlg> = Set::of_bits(JwsAlg::Ps256.mask() | JwsAlg::Es256.mask());

/// Neither part has room for tokens or credentials in the front channel, or for passwords.
const GRANTS: Set<GrantType> = Set::of_bits(!(GrantType::Password.mask()));

/// Part 1 §5.2.2.
pub const BASELINE: Policy = Policy {
    request: RequestPolicy {
        pkce: true,
        s256: true,
        redirect_uri: true,
        nonce_or_state: true,
        response_types: Set::of_bits(
            ResponseType::Code.mask() | ResponseType::CodeIdToken.mask() | ResponseType::IdToken.mask(),
        ),
        ..RequestPolicy::FREE
    },
    client: ClientPolicy { auth_methods: METHODS, grant_types: GRANTS, ..ClientPolicy::FREE },
    token: TokenPolicy { unbound: Ttl::secs(599), ..TokenPolicy::FREE },
    ..Policy::FREE
};

/// Part 2 §5.2.2, which lifts Part 1's demand for PKCE where the request is not pushed: there, signature
/// and `c_hash` do its work. FAPI-CIBA §5.2.2 stands beside it.
pub const ADVANCED: Policy = Policy {
    request: RequestPolicy {
        object: Demand::Service,
        object_signed: true,
        // §5.2.2-13, -17.
        object_lifetime: Some(Ttl::secs(60 * 60)),
        object_audience: true,
        // §5.2.2-10.
        object_complete: true,
        response_types: Set::of_bits(ResponseType::Code.mask() | ResponseType::CodeIdToken.mask()),
        // §5.2.2-2.
        code_in_jwt: true,
        // §5.2.2-18.
        pkce: false,
        pkce_pushed: true,
        ..BASELINE.request
    },
    client: ClientPolicy {
        confidential: true,
        auth_methods: ADVANCED_METHODS,
        algs: ALGS,
        grant_types: GRANTS,
        no_rsa15: true,
        ..ClientPolicy::FREE
    },
    token: TokenPolicy { bound: true, bound_by_certificate: true, state_hash: true, ..TokenPolicy::FREE },
    backchannel: BackchannelPolicy {
        signed: true,
        // FAPI-CIBA §5.2.2-2: push is not allowed.
        delivery: Set::of_bits(DeliveryMode::Poll.mask() | DeliveryMode::Ping.mask()),
        binding_message: false,
    },
    ..Policy::FREE
};
