//! The scopes of a service.

use std::collections::HashMap;

use placet_api::types::Scope;
use placet_base::{Scopes, Ttl};

use crate::policy::Policy;

pub struct ScopeDefinition {
    /// As the operator wrote it.
    pub document: Scope,
    /// What asking for it requires.
    pub policy: Policy,
}

#[derive(Default)]
pub struct ScopeTable {
    by_name: HashMap<String, ScopeDefinition>,
    defaults: Scopes,
}

impl ScopeTable {
    pub fn new(scopes: Option<&Vec<Scope>>) -> Self {
        let mut table = Self::default();
        for scope in scopes.into_iter().flatten() {
            let Some(name) = &scope.name else { continue };
            if scope.default_entry == Some(true) {
                table.defaults.insert(name);
            }
            let definition = ScopeDefinition { document: scope.clone(), policy: policy(scope) };
            table.by_name.insert(name.clone(), definition);
        }
        table
    }

    pub fn get(&self, name: &str) -> Option<&ScopeDefinition> {
        self.by_name.get(name)
    }

    /// What a request without a `scope` parameter is for.
    pub fn defaults(&self) -> &Scopes {
        &self.defaults
    }

    /// The definitions of `scopes`, in their order.
    pub fn documents(&self, scopes: &Scopes) -> Vec<Scope> {
        scopes.iter().filter_map(|name| Some(self.get(name)?.document.clone())).collect()
    }
}

fn policy(scope: &Scope) -> Policy {
    let duration = |key: &str, free: Ttl| {
        let attributes = scope.attributes.iter().flatten();
        let value = attributes.filter(|a| a.key.as_deref() == Some(key)).find_map(|a| a.value.as_deref());
        Ttl::specified(value.and_then(|v| v.parse().ok())).unwrap_or(free)
    };
    Policy {
        access_token: duration("access_token.duration", Policy::FREE.access_token),
        refresh_token: duration("refresh_token.duration", Policy::FREE.refresh_token),
        id_token: duration("id_token.duration", Policy::FREE.id_token),
        ..Policy::FREE
    }
}
