//! OpenID4VC High Assurance Interoperability Profile 1.0 §4, §6: what it asks of the authorization endpoint, the tokens and the
//! credentials. That wallets are attested (§4.4.1) is for the operator to say, by the ways in which clients may authenticate.

use placet_base::registry::{JwsAlg, ResponseType};
use placet_base::set::Set;

use super::{ClientPolicy, CredentialPolicy, Demand, Policy, RequestPolicy, TokenPolicy};

/// §4.1 to §4.4, §6.1.
pub const V1: Policy = Policy {
    request: RequestPolicy {
        pkce: true,
        s256: true,
        pushed: Demand::Service,
        response_types: Set::of_bits(ResponseType::Code.mask()),
        issuer: true,
        ..RequestPolicy::FREE
    },
    client: ClientPolicy {
        // §4.4.1: wallets authenticate themselves, in whichever way.
        confidential: true,
        // §7: ES256 must be there for everything; other algorithms of FAPI 2.0 may be.
        algs: Set::of_bits(JwsAlg::Es256.mask() | JwsAlg::Ps256.mask() | JwsAlg::EdDsa.mask()),
        no_rsa15: true,
        ..ClientPolicy::FREE
    },
    token: TokenPolicy { bound: true, bound_by_dpop: true, ..TokenPolicy::FREE },
    // §6.1.1: an SD-JWT VC has `x5c`; an mdoc has a chain anyway.
    credential: CredentialPolicy { disclosed_selectively: true, certified: true },
    ..Policy::FREE
};
