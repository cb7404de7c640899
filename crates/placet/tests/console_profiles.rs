//! What the console says of profiles is what the engine demands.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use placet_engine::policy::{Demand, Policy};
use placet_sdk::profiles::{ALL, Adds, Profile};
use placet_sdk::registry::{ClientAuthMethod, GrantType, ResponseType};

fn policy(profile: &Profile) -> Policy {
    match profile.adds {
        Adds::Mode(mode) => Policy::of_mode(mode),
        Adds::Attribute(name) => Policy::of_profile(name).unwrap(),
        Adds::Haip(version) => Policy::of_scope_attribute("haip", version).unwrap(),
        Adds::Declared(declared) => Policy::of_service_profile(declared),
    }
}

#[test]
fn clients_are_told_what_the_engine_demands_of_them() {
    for profile in ALL {
        let (policy, demands, name) = (policy(profile), &profile.demands, profile.name);
        assert_eq!(policy.client.confidential, demands.confidential, "{name}");
        for method in ClientAuthMethod::ALL {
            let served = demands.methods.is_empty() || demands.methods.contains(method);
            assert_eq!(policy.client.auth_methods.contains(*method), served, "{name}: {}", method.api_name());
        }
        for grant in GrantType::ALL {
            let served = !demands.refused_grants.contains(grant);
            assert_eq!(policy.client.grant_types.contains(*grant), served, "{name}: {}", grant.api_name());
        }
        for kind in ResponseType::ALL {
            let served = demands.response_types.is_empty() || demands.response_types.contains(kind);
            assert_eq!(policy.request.response_types.contains(*kind), served, "{name}: {}", kind.api_name());
        }
    }
}

#[test]
fn what_else_is_said_is_demanded_too() {
    for profile in ALL {
        let policy = policy(profile);
        let (request, client, token) = (&policy.request, &policy.client, &policy.token);
        for text in profile.demands.texts {
            let demanded = match *text {
                "demand.pkce" => request.pkce && request.s256,
                "demand.par" => request.pushed == Demand::Service,
                "demand.iss" => request.issuer,
                "demand.bound" => token.bound,
                "demand.dpop" => token.bound_by_dpop,
                "demand.certificate" => token.bound_by_certificate,
                "demand.audience" => client.assertion_for_issuer,
                "demand.code_60" => token.code.as_secs() == 60,
                "demand.access_600" => token.access.as_secs() == 600,
                "demand.access_900" => token.access.as_secs() == 900,
                "demand.redirect" => request.redirect_uri,
                "demand.nonce" => request.nonce_or_state,
                "demand.object" => {
                    request.object_signed && request.object_audience && request.object_lifetime.is_some()
                }
                "demand.jarm" => request.answer_in_jwt,
                "demand.jarm_code" => request.code_in_jwt,
                "demand.auth_time" => token.auth_time,
                "demand.introspection" => policy.resource.introspection_signed,
                "demand.http_requests" => policy.resource.requests_signed,
                "demand.http_responses" => policy.resource.responses_signed,
                "demand.algs" | "demand.ps256" => client.no_rsa15,
                "demand.fapi1" => client.confidential && token.bound_by_certificate,
                "demand.fapi2" => client.confidential && token.bound && request.pushed == Demand::Service,
                other => panic!("{other} is held against nothing"),
            };
            assert!(demanded, "{}: {text}", profile.name);
        }
    }
}

/// The proof of the switch, on the engine's side: one profile more takes nothing of what the others demand away.
#[test]
fn one_profile_more_demands_all_that_was_demanded() {
    for former in ALL {
        for added in ALL {
            let both = policy(former).meet(policy(added));
            assert_eq!(both.meet(policy(former)), both, "{} and {}", former.name, added.name);
        }
    }
}
