//! FAPI 2.0 Security Profile, and the signatures that FAPI 2.0 Message Signing adds to it one by one.

use placet_base::Ttl;
use placet_base::registry::{ClientAuthMethod, DeliveryMode, GrantType, JwsAlg, ResponseType};
use placet_base::set::Set;

use super::{BackchannelPolicy, ClientPolicy, Demand, Policy, RequestPolicy, ResourcePolicy, TokenPolicy};

/// §5.4.1.
const ALGS: Set<JwsAlg> = Set::of_bits(JwsAlg::Ps256.mask() | JwsAlg::Es256.mask() | JwsAlg::EdDsa.mask());

/// §5.3.2.1-6: mutual TLS or `private_key_jwt`; a wallet's attestation where HAIP puts it in their place.
const METHODS: Set<ClientAuthMethod> = Set::of_bits(
    ClientAuthMethod::PrivateKeyJwt.mask()
        | ClientAuthMethod::TlsClientAuth.mask()
        | ClientAuthMethod::SelfSignedTlsClientAuth.mask()
        | ClientAuthMethod::AttestJwtClientAuth.mask(),
);

/// §5.3.2.1-2.
const GRANTS: Set<GrantType> = Set::of_bits(!(GrantType::Password.mask() | GrantType::Implicit.mask()));

/// §5.3.2.
pub const SECURITY: Policy = Policy {
    request: RequestPolicy {
        pkce: true,
        s256: true,
        pushed: Demand::Service,
        redirect_uri: true,
        response_types: Set::of_bits(ResponseType::Code.mask()),
        issuer: true,
        ..RequestPolicy::FREE
    },
    client: ClientPolicy {
        confidential: true,
        auth_methods: METHODS,
        algs: ALGS,
        // §5.3.2.1-8.
        assertion_for_issuer: true,
        grant_types: GRANTS,
        no_rsa15: true,
    },
    token: TokenPolicy {
        bound: true,
        // §5.3.2.1-9: no rotation.
        refresh_kept: true,
        // §5.3.2.2-10, -11.
        code: Ttl::secs(60),
        pushed: Ttl::secs(599),
        ..TokenPolicy::FREE
    },
    backchannel: BackchannelPolicy {
        signed: false,
        binding_message: false,
        delivery: Set::of_bits(DeliveryMode::Poll.mask() | DeliveryMode::Ping.mask()),
    },
    ..Policy::FREE
};

/// Message Signing §5.3.1: signed authorization requests.
pub const SIGNED_REQUESTS: Policy = Policy {
    request: RequestPolicy {
        object: Demand::Service,
        object_signed: true,
        object_lifetime: Some(Ttl::secs(60 * 60)),
        object_audience: true,
        ..SECURITY.request
    },
    backchannel: BackchannelPolicy { signed: true, ..SECURITY.backchannel },
    ..SECURITY
};

/// Message Signing §5.4.1: signed authorization responses.
pub const SIGNED_ANSWERS: Policy =
    Policy { request: RequestPolicy { answer_in_jwt: true, ..SECURITY.request }, ..SECURITY };

/// Message Signing §5.5.1: signed introspection responses.
pub const SIGNED_INTROSPECTION: Policy =
    Policy { resource: ResourcePolicy { introspection_signed: true, ..ResourcePolicy::FREE }, ..SECURITY };

/// FAPI 2.0 HTTP Signatures: signed requests to resources.
pub const SIGNED_RESOURCE_REQUESTS: Policy =
    Policy { resource: ResourcePolicy { requests_signed: true, ..ResourcePolicy::FREE }, ..SECURITY };

/// FAPI 2.0 HTTP Signatures: signed responses of resources.
pub const SIGNED_RESOURCE_RESPONSES: Policy =
    Policy { resource: ResourcePolicy { responses_signed: true, ..ResourcePolicy::FREE }, ..SECURITY };
