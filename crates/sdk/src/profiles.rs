//! Security profiles that a service can be put under: what each demands, what putting a service under it changes, and the proof
//! that nothing is allowed then that was not before.

use placet_api::types::{Client, Pair, Service};
use placet_base::registry::{
    ClientAuthMethod, ClientType, FapiMode, GrantType, ResponseType, ServiceProfile,
};
use serde_json::{Map, Value, json};

/// How a service is put under a profile: by something that is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adds {
    /// To `fapiModes`.
    Mode(FapiMode),
    /// As an attribute `profile`.
    Attribute(&'static str),
    /// As `haipVersion`.
    Haip(&'static str),
    /// To `supportedServiceProfiles`.
    Declared(ServiceProfile),
}

/// What a profile demands, as far as it can be held against settings of clients, or is worth knowing before.
#[derive(Clone, Copy, Debug)]
pub struct Demands {
    /// What else is demanded, by the names of texts.
    pub texts: &'static [&'static str],
    /// Clients must be able to keep a secret.
    pub confidential: bool,
    /// How clients may prove themselves; empty for any way.
    pub methods: &'static [ClientAuthMethod],
    /// Grant types that are not served.
    pub refused_grants: &'static [GrantType],
    /// Response types that are served; empty for any.
    pub response_types: &'static [ResponseType],
}

/// A profile.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// As it stands in addresses.
    pub id: &'static str,
    /// The specification.
    pub name: &'static str,
    /// What is added.
    pub adds: Adds,
    /// What is demanded.
    pub demands: Demands,
}

use ClientAuthMethod::{ClientSecretJwt, PrivateKeyJwt, SelfSignedTlsClientAuth, TlsClientAuth};

const FREE: Demands =
    Demands { texts: &[], confidential: false, methods: &[], refused_grants: &[], response_types: &[] };

const FAPI2: Demands = Demands {
    texts: &[
        "demand.pkce",
        "demand.par",
        "demand.iss",
        "demand.bound",
        "demand.algs",
        "demand.audience",
        "demand.code_60",
    ],
    confidential: true,
    methods: &[PrivateKeyJwt, TlsClientAuth, SelfSignedTlsClientAuth, ClientAuthMethod::AttestJwtClientAuth],
    refused_grants: &[GrantType::Password, GrantType::Implicit],
    response_types: &[ResponseType::Code],
};

const FAPI1: Demands = Demands {
    texts: &["demand.pkce", "demand.redirect", "demand.nonce"],
    confidential: false,
    methods: &[
        ClientAuthMethod::None,
        ClientSecretJwt,
        PrivateKeyJwt,
        TlsClientAuth,
        SelfSignedTlsClientAuth,
    ],
    refused_grants: &[GrantType::Password],
    response_types: &[ResponseType::Code, ResponseType::CodeIdToken, ResponseType::IdToken],
};

const FAPI1_ADVANCED: Demands = Demands {
    texts: &[
        "demand.object",
        "demand.jarm_code",
        "demand.certificate",
        "demand.algs",
        "demand.redirect",
        "demand.nonce",
    ],
    confidential: true,
    methods: &[PrivateKeyJwt, TlsClientAuth, SelfSignedTlsClientAuth],
    refused_grants: &[GrantType::Password],
    response_types: &[ResponseType::Code, ResponseType::CodeIdToken],
};

/// FAPI 2.0 with one more demand.
const fn fapi2(texts: &'static [&'static str]) -> Demands {
    Demands { texts, ..FAPI2 }
}

/// All of them.
pub const ALL: &[Profile] = &[
    Profile {
        id: "oauth-2-1",
        name: "OAuth 2.1",
        adds: Adds::Attribute("oauth_2_1"),
        demands: Demands {
            texts: &["demand.pkce"],
            refused_grants: &[GrantType::Password],
            response_types: &[
                ResponseType::Code,
                ResponseType::CodeIdToken,
                ResponseType::IdToken,
                ResponseType::None,
            ],
            ..FREE
        },
    },
    Profile {
        id: "fapi-1-baseline",
        name: "FAPI 1.0 Baseline",
        adds: Adds::Mode(FapiMode::Fapi1Baseline),
        demands: FAPI1,
    },
    Profile {
        id: "fapi-1-advanced",
        name: "FAPI 1.0 Advanced",
        adds: Adds::Mode(FapiMode::Fapi1Advanced),
        demands: FAPI1_ADVANCED,
    },
    Profile {
        id: "fapi-2",
        name: "FAPI 2.0 Security Profile",
        adds: Adds::Mode(FapiMode::Fapi2Security),
        demands: FAPI2,
    },
    Profile {
        id: "fapi-2-requests",
        name: "FAPI 2.0 Message Signing: authorization requests",
        adds: Adds::Mode(FapiMode::Fapi2MessageSigningAuthReq),
        demands: fapi2(&["demand.fapi2", "demand.object"]),
    },
    Profile {
        id: "fapi-2-responses",
        name: "FAPI 2.0 Message Signing: authorization responses",
        adds: Adds::Mode(FapiMode::Fapi2MessageSigningAuthRes),
        demands: fapi2(&["demand.fapi2", "demand.jarm"]),
    },
    Profile {
        id: "fapi-2-introspection",
        name: "FAPI 2.0 Message Signing: introspection",
        adds: Adds::Mode(FapiMode::Fapi2MessageSigningIntrospectionRes),
        demands: fapi2(&["demand.fapi2", "demand.introspection"]),
    },
    Profile {
        id: "fapi-2-http-requests",
        name: "FAPI 2.0 HTTP Signatures: requests",
        adds: Adds::Mode(FapiMode::Fapi2MessageSigningResourceReq),
        demands: fapi2(&["demand.fapi2", "demand.http_requests"]),
    },
    Profile {
        id: "fapi-2-http-responses",
        name: "FAPI 2.0 HTTP Signatures: responses",
        adds: Adds::Mode(FapiMode::Fapi2MessageSigningResourceRes),
        demands: fapi2(&["demand.fapi2", "demand.http_responses"]),
    },
    Profile {
        id: "haip",
        name: "OpenID4VC High Assurance Interoperability Profile 1.0",
        adds: Adds::Haip("1.0"),
        demands: Demands {
            confidential: true,
            texts: &["demand.pkce", "demand.par", "demand.iss", "demand.dpop", "demand.algs"],
            response_types: &[ResponseType::Code],
            ..FREE
        },
    },
    Profile {
        id: "open-banking-uk",
        name: "Open Banking UK",
        adds: Adds::Attribute("open_banking_uk"),
        demands: FAPI1_ADVANCED,
    },
    Profile {
        id: "open-banking-brazil",
        name: "Open Finance Brazil",
        adds: Adds::Attribute("open_banking_brazil"),
        demands: Demands {
            texts: &["demand.fapi1", "demand.par", "demand.ps256", "demand.access_900"],
            methods: &[PrivateKeyJwt],
            ..FAPI1_ADVANCED
        },
    },
    Profile {
        id: "cdr-au",
        name: "Consumer Data Right Australia",
        adds: Adds::Attribute("consumer_data_right_au"),
        demands: Demands {
            texts: &["demand.fapi1", "demand.par", "demand.jarm", "demand.access_600"],
            methods: &[PrivateKeyJwt],
            response_types: &[ResponseType::Code],
            ..FAPI1_ADVANCED
        },
    },
    Profile {
        id: "open-banking",
        name: "Open Banking (declared)",
        adds: Adds::Declared(ServiceProfile::OpenBanking),
        demands: Demands { texts: &["demand.auth_time"], ..FREE },
    },
];

/// The profile of this id.
pub fn named(id: &str) -> Option<&'static Profile> {
    ALL.iter().find(|profile| profile.id == id)
}

/// Those that the service is under.
pub fn in_force(service: &Service) -> Vec<&'static Profile> {
    ALL.iter().filter(|profile| profile.is_in_force(service)).collect()
}

/// The key of the attribute that names profiles.
const ATTRIBUTE: &str = "profile";

impl Profile {
    /// Whether the service is under it.
    pub fn is_in_force(&self, service: &Service) -> bool {
        match self.adds {
            Adds::Mode(mode) => service.fapi_modes.iter().flatten().any(|known| *known == mode),
            Adds::Haip(version) => service.haip_version.as_deref() == Some(version),
            Adds::Declared(profile) => {
                service.supported_service_profiles.iter().flatten().any(|known| *known == profile)
            }
            Adds::Attribute(name) => service.attributes.iter().flatten().any(|pair| is_profile(pair, name)),
        }
    }

    /// What would be changed: what there is, and one thing more. Nothing where it is there.
    pub fn change(&self, service: &Service) -> Map<String, Value> {
        if self.is_in_force(service) {
            return Map::new();
        }
        let (member, value) = match self.adds {
            Adds::Mode(mode) => ("fapiModes", json!(with(&service.fapi_modes, mode))),
            Adds::Haip(version) => ("haipVersion", json!(version)),
            Adds::Declared(profile) => {
                ("supportedServiceProfiles", json!(with(&service.supported_service_profiles, profile)))
            }
            Adds::Attribute(name) => {
                let pair = Pair { key: Some(ATTRIBUTE.to_owned()), value: Some(name.to_owned()) };
                ("attributes", json!(with(&service.attributes, pair)))
            }
        };
        Map::from_iter([(member.to_owned(), value)])
    }

    /// Why a client could not go on as it is; the names of texts.
    pub fn stops(&self, client: &Client) -> Vec<&'static str> {
        let demands = &self.demands;
        let method = client.token_auth_method;
        let grants = client.grant_types.as_deref().unwrap_or_default();
        let responses = client.response_types.as_deref().unwrap_or_default();
        let is_refused = |grant: &GrantType| demands.refused_grants.contains(grant);
        let is_other = |kind: &ResponseType| !demands.response_types.contains(kind);
        let found = [
            (demands.confidential && client.client_type == Some(ClientType::Public), "stops.public"),
            (
                !demands.methods.is_empty()
                    && method.is_some_and(|method| !demands.methods.contains(&method)),
                "stops.method",
            ),
            (grants.iter().any(is_refused), "stops.grant"),
            (!demands.response_types.is_empty() && responses.iter().any(is_other), "stops.response"),
        ];
        found.into_iter().filter(|(stops, _)| *stops).map(|(_, text)| text).collect()
    }
}

fn is_profile(pair: &Pair, name: &str) -> bool {
    pair.key.as_deref() == Some(ATTRIBUTE) && pair.value.as_deref() == Some(name)
}

fn with<T: Clone>(known: &Option<Vec<T>>, one: T) -> Vec<T> {
    known.iter().flatten().cloned().chain([one]).collect()
}

/// What a change does to what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Whatever was refused is refused still.
    Tightens,
    /// That cannot be said of it.
    Unproven,
}

/// The proof, for one member. The engine puts a service under what all its profiles demand together: one more takes nothing of what
/// the others demand away. So a change tightens if everything that was there is there still, and what comes is a profile.
pub fn direction(member: &str, before: &Value, after: &Value) -> Direction {
    let values = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let keeps_all = || values(before).iter().all(|one| values(after).contains(one));
    let comes: Vec<Value> = values(after).into_iter().filter(|one| !values(before).contains(one)).collect();
    let is_tighter = match member {
        "fapiModes" | "supportedServiceProfiles" => after.is_array() && keeps_all(),
        "haipVersion" => before.as_str().unwrap_or_default().is_empty() && after == "1.0",
        "attributes" => keeps_all() && comes.iter().all(|pair| pair["key"] == ATTRIBUTE),
        _ => false,
    };
    if is_tighter { Direction::Tightens } else { Direction::Unproven }
}

/// Whether a change is proven to tighten: each member of it, held against the document that it changes.
pub fn tightens(before: &Map<String, Value>, changes: &Map<String, Value>) -> bool {
    let known = |member: &str| before.get(member).unwrap_or(&Value::Null);
    changes.iter().all(|(member, after)| direction(member, known(member), after) == Direction::Tightens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services() -> Vec<Service> {
        let mut all = vec![Service::default()];
        for profile in ALL {
            let mut document = serde_json::to_value(&all[all.len() - 1]).unwrap();
            document.as_object_mut().unwrap().extend(profile.change(&all[all.len() - 1]));
            all.push(serde_json::from_value(document).unwrap());
        }
        all
    }

    #[test]
    fn one_profile_after_another_only_ever_tightens() {
        let all = services();
        for service in &all {
            let document = serde_json::to_value(service).unwrap();
            for profile in ALL {
                for (member, after) in profile.change(service) {
                    assert_eq!(
                        direction(&member, &document[&member], &after),
                        Direction::Tightens,
                        "{}",
                        profile.id
                    );
                }
            }
        }
        assert_eq!(in_force(&all[all.len() - 1]).len(), ALL.len());
        assert!(ALL.iter().all(|profile| profile.change(&all[all.len() - 1]).is_empty()));
    }

    #[test]
    fn what_loosens_is_no_proof() {
        for (member, before, after) in [
            ("fapiModes", json!(["FAPI2_SECURITY"]), json!(["FAPI1_BASELINE"])),
            ("fapiModes", json!(["FAPI2_SECURITY"]), Value::Null),
            ("haipVersion", json!("1.0"), json!("")),
            (
                "attributes",
                json!([{ "key": "a", "value": "b" }]),
                json!([{ "key": "profile", "value": "oauth_2_1" }]),
            ),
            ("attributes", json!([]), json!([{ "key": "other", "value": "x" }])),
            ("pkceRequired", json!(true), json!(false)),
        ] {
            assert_eq!(direction(member, &before, &after), Direction::Unproven, "{member} {after}");
        }
    }

    #[test]
    fn clients_that_could_not_go_on_are_known() {
        let client = Client {
            client_type: Some(ClientType::Public),
            token_auth_method: Some(ClientAuthMethod::None),
            grant_types: Some(vec![GrantType::Password]),
            response_types: Some(vec![ResponseType::Token]),
            ..Client::default()
        };
        let stops = named("fapi-2").unwrap().stops(&client);
        assert_eq!(stops, ["stops.public", "stops.method", "stops.grant", "stops.response"]);
        assert!(named("fapi-2").unwrap().stops(&Client::default()).is_empty());
    }
}
