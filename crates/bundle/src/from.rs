//! Bundles made of what other servers say of themselves. What cannot be carried over is named with the reason, and is in the
//! bundle as such: nothing gets lost unsaid.

mod fetch;
pub mod hydra;
pub mod keycloak;
mod keys;
pub mod node_oidc_provider;
pub mod placet;
mod registered;

use std::collections::{BTreeMap, BTreeSet};

use placet_base::url::RedirectUri;
use placet_sdk::Secret;
use placet_sdk::registry::{ClientAuthMethod, GrantType, ResponseType};
use serde_json::{Map, Value, json};

use crate::bundle::{Bundle, Members, NotCarried};
use crate::check;
use crate::documents;
use crate::path::Path;
use crate::problem::Problem;
use crate::secrets::CLIENT_SECRET;
use crate::text;

/// What is known of a service that moves in, as far as it has been read.
#[derive(Default)]
pub(crate) struct Moving {
    bundle: Bundle,
    grants: BTreeSet<&'static str>,
    responses: BTreeSet<&'static str>,
    methods: BTreeSet<&'static str>,
    custom: BTreeSet<&'static str>,
}

/// A client that moves in.
#[derive(Default)]
pub(crate) struct Mover {
    pub(crate) name: String,
    pub(crate) members: Members,
    pub(crate) secret: Option<String>,
}

impl Mover {
    pub(crate) fn set(&mut self, member: &str, value: impl Into<Value>) {
        self.members.insert(member.to_owned(), value.into());
    }

    /// Where what is said about one of its members stands.
    pub(crate) fn place(&self, what: &str) -> String {
        format!("{} {what}", Path::whole_client(&self.name))
    }

    /// A setting of the operator's.
    pub(crate) fn extend(&mut self, member: &str, value: impl Into<Value>) {
        let extension = self.members.entry("extension".to_owned()).or_insert_with(|| json!({}));
        extension[member] = value.into();
    }

    /// Metadata that the authorization server reads.
    fn custom(&mut self, metadata: &Map<String, Value>) {
        self.set("customMetadata", Value::Object(metadata.clone()).to_string());
    }

    pub(crate) fn grants(&mut self, grants: &[GrantType]) {
        self.set("grantTypes", names(grants.iter().map(|one| one.api_name())));
    }

    pub(crate) fn responses(&mut self, responses: &[ResponseType]) {
        self.set("responseTypes", names(responses.iter().map(|one| one.api_name())));
    }

    /// How it proves itself, and so whether it can keep a secret.
    pub(crate) fn method(&mut self, method: ClientAuthMethod) {
        self.set("tokenAuthMethod", method.api_name());
        let public = method == ClientAuthMethod::None;
        self.set("clientType", if public { "PUBLIC" } else { "CONFIDENTIAL" });
    }
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    names.map(Value::from).collect()
}

impl Moving {
    pub(crate) fn set(&mut self, member: &str, value: impl Into<Value>) {
        self.bundle.tree.service.insert(member.to_owned(), value.into());
    }

    pub(crate) fn not(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.bundle.not_carried.push(NotCarried::new(what, why));
    }

    pub(crate) fn scope(&mut self, name: &str, description: Option<&str>) {
        let scope = self.bundle.tree.scopes.entry(name.to_owned()).or_default();
        if let Some(description) = description.filter(|text| !text.is_empty()) {
            scope.insert("description".to_owned(), description.into());
        }
    }

    /// What a client may ask for; the service has those scopes too.
    pub(crate) fn requestable(&mut self, client: &mut Mover, scopes: &[&str]) {
        scopes.iter().for_each(|scope| self.scope(scope, None));
        client.extend("requestableScopes", names(scopes.iter().copied()));
        client.extend("requestableScopesEnabled", true);
    }

    /// Metadata that placet keeps for its authorization server.
    pub(crate) fn logout_uris(&mut self, client: &mut Mover, uris: &Value) {
        const MEMBER: &str = "post_logout_redirect_uris";
        self.custom.insert(MEMBER);
        client.custom(&[(MEMBER.to_owned(), uris.clone())].into_iter().collect());
    }

    /// Takes a client in, or says why not.
    pub(crate) fn client(&mut self, mut client: Mover) {
        if !check::is_name(&client.name) {
            self.not(client.place(""), "a client's id has 1 to 255 visible characters of ASCII here");
            return;
        }
        if self.bundle.tree.clients.contains_key(&client.name) {
            self.not(client.place(""), "another client has the same id");
            return;
        }
        self.redirects(&mut client);
        self.secret(&client);
        self.noted(&client.members);
        self.bundle.tree.clients.insert(client.name, client.members);
    }

    fn redirects(&mut self, client: &mut Mover) {
        let Some(Value::Array(uris)) = client.members.remove("redirectUris") else { return };
        let (fit, unfit): (Vec<Value>, Vec<Value>) =
            uris.into_iter().partition(|uri| uri.as_str().is_some_and(is_redirect));
        for uri in unfit {
            let uri = uri.as_str().unwrap_or_default();
            let why = match uri.contains('*') {
                true => "placet compares redirect URIs exactly; name each that is used",
                false => "this is no redirect URI of its own",
            };
            self.not(client.place(&format!("redirect URI {uri}")), why);
        }
        if !fit.is_empty() {
            client.set("redirectUris", fit);
        }
    }

    fn secret(&mut self, client: &Mover) {
        let path = Path::client(&client.name, CLIENT_SECRET);
        let known = client.members.iter().map(|(name, value)| (name.clone(), value.clone()));
        if !documents::uses_secret(&Value::Object(known.collect())) {
            return;
        }
        match client.secret.as_deref() {
            Some(secret) if check::is_secret(secret) => {
                self.bundle.secrets.insert(path, Secret::new(Value::from(secret).to_string()));
            }
            Some(_) => self.not(
                path.to_string(),
                "placet's secrets have 1 to 86 letters, digits, '-' and '_'; to be rotated",
            ),
            None => self.not(
                path.to_string(),
                "it cannot be read there; give it with --client-secrets, or rotate it",
            ),
        }
    }

    fn noted(&mut self, members: &Members) {
        let texts = |member: &str| -> Vec<&str> {
            members
                .get(member)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        };
        let grants = texts("grantTypes");
        self.grants
            .extend(GrantType::ALL.iter().map(|one| one.api_name()).filter(|one| grants.contains(one)));
        let responses = texts("responseTypes");
        self.responses
            .extend(ResponseType::ALL.iter().map(|one| one.api_name()).filter(|one| responses.contains(one)));
        let method = members.get("tokenAuthMethod").and_then(Value::as_str);
        let known = ClientAuthMethod::ALL.iter().map(|one| one.api_name());
        self.methods.extend(known.filter(|one| Some(*one) == method));
    }

    /// The bundle: the service supports what its clients use.
    pub(crate) fn done(mut self) -> Bundle {
        for (member, values) in [
            ("supportedGrantTypes", &self.grants),
            ("supportedResponseTypes", &self.responses),
            ("supportedTokenAuthMethods", &self.methods),
            ("supportedCustomClientMetadata", &self.custom),
        ] {
            if !values.is_empty() {
                let values = names(values.iter().copied());
                self.bundle.tree.service.insert(member.to_owned(), values);
            }
        }
        let secrets = text::split(&mut self.bundle.tree);
        self.bundle.secrets.extend(secrets);
        text::make_readable(&mut self.bundle.tree);
        self.bundle.not_carried.sort();
        self.bundle
    }
}

fn is_redirect(uri: &str) -> bool {
    !uri.contains('*') && RedirectUri::parse(uri).is_ok()
}

impl Bundle {
    /// Adds secrets that the operator knows and the other server does not tell, by clients' ids.
    ///
    /// # Errors
    /// The client is not there, or the secret is none.
    pub fn add_client_secrets(
        &mut self,
        secrets: &BTreeMap<String, Secret<String>>,
    ) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        for (name, secret) in secrets {
            let path = Path::client(name, CLIENT_SECRET);
            if !self.tree.clients.contains_key(name) {
                problems.push(Problem::at(&path, "there is no such client"));
            } else if !check::is_secret(secret.expose()) {
                problems.push(Problem::at(&path, "a secret has 1 to 86 letters, digits, '-' and '_'"));
            } else {
                let what = path.to_string();
                self.not_carried.retain(|one| one.what != what);
                self.secrets.insert(path, Secret::new(Value::from(secret.expose().as_str()).to_string()));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}
