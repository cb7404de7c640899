//! The scopes of a service.

use std::collections::HashMap;

use placet_api::types::Scope;
use placet_base::{Scopes, Ttl};
use regex_lite::Regex;

use super::settings::pairs;
use crate::policy::{Policy, TokenPolicy};

pub struct ScopeDefinition {
    /// What a requested scope must look like to be this one with a parameter.
    pattern: Option<Regex>,
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
    /// `profiles`: whether attributes of scopes switch profiles on.
    pub fn new(scopes: Option<&Vec<Scope>>, profiles: bool) -> Self {
        let mut table = Self::default();
        for scope in scopes.into_iter().flatten() {
            let Some(name) = &scope.name else { continue };
            if scope.default_entry == Some(true) {
                table.defaults.insert(name);
            }
            let definition = ScopeDefinition {
                document: scope.clone(),
                policy: policy(scope, profiles),
                pattern: pattern(scope),
            };
            table.by_name.insert(name.clone(), definition);
        }
        table
    }

    pub fn get(&self, name: &str) -> Option<&ScopeDefinition> {
        self.by_name.get(name)
    }

    /// The scope that a requested one is, with a parameter: its pattern fits the whole of it.
    pub fn parameterised(&self, requested: &str) -> Option<&str> {
        let fits = |definition: &ScopeDefinition| {
            let found = definition.pattern.as_ref()?.find(requested)?;
            (found.start() == 0 && found.end() == requested.len()).then_some(())
        };
        let mut names = self.by_name.iter().filter(|(_, definition)| fits(definition).is_some());
        names.next().map(|(name, _)| name.as_str())
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

/// The attribute `regex` of a scope; one that is no expression matches nothing.
fn pattern(scope: &Scope) -> Option<Regex> {
    let text = pairs(scope.attributes.as_ref(), "regex").next()?;
    Regex::new(&format!("^(?:{text})$")).ok()
}

fn policy(scope: &Scope, profiles: bool) -> Policy {
    let duration = |key: &str, free: Ttl| {
        let value = pairs(scope.attributes.as_ref(), key).next();
        Ttl::specified(value.and_then(|v| v.parse().ok())).unwrap_or(free)
    };
    let own = Policy {
        token: TokenPolicy {
            access: duration("access_token.duration", TokenPolicy::FREE.access),
            refresh: duration("refresh_token.duration", TokenPolicy::FREE.refresh),
            id: duration("id_token.duration", TokenPolicy::FREE.id),
            ..TokenPolicy::FREE
        },
        ..Policy::FREE
    };
    let attributes = scope.attributes.iter().flatten().filter(|_| profiles);
    let attributes = attributes.filter_map(|a| Some((a.key.as_deref()?, a.value.as_deref()?)));
    attributes.filter_map(|(key, value)| Policy::of_scope_attribute(key, value)).fold(own, Policy::meet)
}
