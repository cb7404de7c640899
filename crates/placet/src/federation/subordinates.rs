//! The file of an authority: what it is, and what it says of whom.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

/// How long statements are good where the file does not say it.
const LIFETIME: i64 = 24 * 60 * 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) organization_name: Option<String>,
    /// Superiors; a trust anchor has none.
    #[serde(default)]
    pub(crate) authority_hints: Vec<String>,
    /// How long a statement is good.
    #[serde(default = "lifetime")]
    pub(crate) lifetime_seconds: i64,
    /// Other anchors that chains are resolved to.
    #[serde(default)]
    pub(crate) trust_anchors: Vec<TrustAnchor>,
    /// Who may issue trust marks, by their types; this authority may issue those that subordinates have.
    #[serde(default)]
    pub(crate) trust_mark_issuers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(crate) trust_mark_owners: Map<String, Value>,
    #[serde(default)]
    pub(crate) subordinates: Vec<Subordinate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustAnchor {
    pub(crate) entity_id: String,
    pub(crate) jwks: Value,
}

/// An entity that the authority vouches for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subordinate {
    pub(crate) entity_id: String,
    pub(crate) jwks: Option<Value>,
    /// The same in a file, beside this one.
    jwks_file: Option<PathBuf>,
    /// What it is, for those who look for such; an intermediate is a `federation_entity`.
    #[serde(default)]
    pub(crate) entity_types: Vec<String>,
    pub(crate) metadata: Option<Value>,
    pub(crate) metadata_policy: Option<Value>,
    pub(crate) metadata_policy_crit: Option<Value>,
    pub(crate) constraints: Option<Value>,
    /// Types of the trust marks that this authority gives it.
    #[serde(default)]
    pub(crate) trust_marks: Vec<String>,
    /// It has subordinates itself.
    #[serde(default)]
    pub(crate) intermediate: bool,
}

fn lifetime() -> i64 {
    LIFETIME
}

impl Document {
    /// The file itself, without the keys that stand in others.
    pub(crate) fn parse(path: &Path) -> Result<Self, String> {
        let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let text = fs::read_to_string(path).map_err(|e| at(&e))?;
        let document: Self = toml::from_str(&text).map_err(|e| at(&e))?;
        if document.lifetime_seconds < 1 {
            return Err(at(&"lifetime_seconds: statements have to be good for a while"));
        }
        Ok(document)
    }

    /// Where the keys of subordinates are that do not stand in the file itself.
    pub(crate) fn key_files<'a>(&'a self, beside: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
        self.subordinates.iter().filter_map(|one| Some(beside.with_file_name(one.jwks_file.as_ref()?)))
    }

    pub(crate) fn read_keys(&mut self, beside: &Path) -> Result<(), String> {
        for one in &mut self.subordinates {
            one.with_keys(beside).map_err(|e| format!("{}: {}: {e}", beside.display(), one.entity_id))?;
        }
        Ok(())
    }
}

impl Subordinate {
    pub(crate) fn has_mark(&self, kind: &str) -> bool {
        self.trust_marks.iter().any(|one| one == kind)
    }

    fn with_keys(&mut self, beside: &Path) -> Result<(), String> {
        match (&self.jwks, &self.jwks_file) {
            (Some(_), None) => Ok(()),
            (None, Some(file)) => {
                let path = beside.with_file_name(file);
                let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
                let text = fs::read_to_string(&path).map_err(|e| at(&e))?;
                self.jwks = Some(serde_json::from_str(&text).map_err(|e| at(&e))?);
                Ok(())
            }
            (Some(_), Some(_)) | (None, None) => Err("one of jwks and jwks_file is needed".to_owned()),
        }
    }
}
