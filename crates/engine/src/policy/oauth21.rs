//! OAuth 2.1: what it takes away from OAuth 2.0, and PKCE for everybody.

use placet_base::registry::{GrantType, ResponseType};
use placet_base::set::Set;

use super::{ClientPolicy, Policy, RequestPolicy};

/// §4.1.1 (PKCE), §10 (neither implicit nor password grants). Answers with a code and an ID token stay:
/// OpenID Connect builds on them, and no access token travels through the browser.
pub const V2_1: Policy = Policy {
    request: RequestPolicy {
        pkce: true,
        s256: true,
        response_types: Set::of_bits(
            ResponseType::Code.mask()
                | ResponseType::CodeIdToken.mask()
                | ResponseType::IdToken.mask()
                | ResponseType::None.mask(),
        ),
        ..RequestPolicy::FREE
    },
    client: ClientPolicy { grant_types: Set::of_bits(!(GrantType::Password.mask())), ..ClientPolicy::FREE },
    ..Policy::FREE
};
