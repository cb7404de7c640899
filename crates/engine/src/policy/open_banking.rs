//! National profiles on top of FAPI 1.0 Advanced, where they differ from it.

use placet_base::registry::{ClientAuthMethod, DeliveryMode, JwsAlg, ResponseType};
use placet_base::{Ttl, set::Set};

use super::fapi1::ADVANCED;
use super::{BackchannelPolicy, ClientPolicy, Demand, Policy, RequestPolicy, TokenPolicy};

/// A service that declares itself ready for open banking without saying which: its tokens tell when the
/// user was authenticated.
pub const DECLARED: Policy =
    Policy { token: TokenPolicy { auth_time: true, ..TokenPolicy::FREE }, ..Policy::FREE };

/// Open Banking UK Security Profile: FAPI 1.0 Advanced as it is.
pub const UNITED_KINGDOM: Policy = ADVANCED;

/// Open Finance Brasil Security Profile §5.2.2: pushed requests, `private_key_jwt`, PS256 alone, and
/// tokens of at most 15 minutes. CIBA by ping alone.
pub const BRAZIL: Policy = Policy {
    request: RequestPolicy { pushed: Demand::Service, ..ADVANCED.request },
    client: ClientPolicy {
        auth_methods: Set::of_bits(ClientAuthMethod::PrivateKeyJwt.mask()),
        algs: Set::of_bits(JwsAlg::Ps256.mask()),
        ..ADVANCED.client
    },
    token: TokenPolicy { access: Ttl::secs(15 * 60), ..ADVANCED.token },
    backchannel: BackchannelPolicy {
        delivery: Set::of_bits(DeliveryMode::Ping.mask()),
        ..ADVANCED.backchannel
    },
    ..ADVANCED
};

/// Consumer Data Standards (Australia): pushed requests, `private_key_jwt`, answers with a code alone in
/// a JWT, and tokens of at most 10 minutes.
pub const AUSTRALIA: Policy = Policy {
    request: RequestPolicy {
        pushed: Demand::Service,
        response_types: Set::of_bits(ResponseType::Code.mask()),
        answer_in_jwt: true,
        ..ADVANCED.request
    },
    client: ClientPolicy {
        auth_methods: Set::of_bits(ClientAuthMethod::PrivateKeyJwt.mask()),
        ..ADVANCED.client
    },
    token: TokenPolicy { access: Ttl::secs(10 * 60), ..ADVANCED.token },
    ..ADVANCED
};
