//! The scopes of a service.

use std::collections::HashMap;

use placet_api::types::Scope;
use placet_base::{Scopes, Ttl};

use super::settings::pairs;
use crate::pattern::{Exhausted, MatchBudget, Pattern, PatternError};
use crate::policy::{Policy, TokenPolicy};

pub struct ScopeDefinition {
    /// As the operator wrote it.
    pub document: Scope,
    /// What asking for it requires.
    pub policy: Policy,
}

#[derive(Default)]
pub struct ScopeTable {
    by_name: HashMap<String, ScopeDefinition>,
    /// What a requested scope must look like to be the one of this name with a parameter, in the order of
    /// the document.
    patterns: Vec<(String, Pattern)>,
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
            let definition = ScopeDefinition { document: scope.clone(), policy: policy(scope, profiles) };
            if let Ok(Some(pattern)) = pattern(scope) {
                table.patterns.push((name.clone(), pattern));
            }
            table.by_name.insert(name.clone(), definition);
        }
        table
    }

    pub fn get(&self, name: &str) -> Option<&ScopeDefinition> {
        self.by_name.get(name)
    }

    /// Whether a scope is one of the service, by its name or with a parameter. Beyond what a request may take, none is.
    pub fn knows(&self, scope: &str, work: &MatchBudget) -> bool {
        self.get(scope).is_some() || matches!(self.parameterised(scope, work), Ok(Some(_)))
    }

    /// All, by name.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.by_name.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// The scope that a requested one is, with a parameter: its pattern fits the whole of it.
    pub fn parameterised(&self, requested: &str, work: &MatchBudget) -> Result<Option<&str>, Exhausted> {
        for (name, pattern) in &self.patterns {
            if pattern.is(requested, work)? {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// The definitions that a scope of a request or a token stands on: its own, or each whose pattern it
    /// fits. What any of them demands is demanded of the scope; one that takes too much work to tell is not
    /// demanded less of.
    pub fn behind(&self, scope: &str) -> impl Iterator<Item = &ScopeDefinition> {
        let (own, work) = (self.get(scope), MatchBudget::of_request());
        let patterns = if own.is_some() { &[][..] } else { self.patterns.as_slice() };
        let fitting = patterns.iter().filter(move |(_, pattern)| pattern.is(scope, &work).unwrap_or(true));
        own.into_iter().chain(fitting.filter_map(|(name, _)| self.get(name)))
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

/// The attribute `regex` of a scope.
pub(super) fn pattern(scope: &Scope) -> Result<Option<Pattern>, PatternError> {
    pairs(scope.attributes.as_ref(), "regex").next().map(Pattern::whole).transpose()
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
