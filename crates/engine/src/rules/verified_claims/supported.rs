//! OpenID Connect for Identity Assurance 1.0 §7 – which verified claims a service has

use placet_base::registry::AttachmentType;
use serde_json::{Map, Value};

use super::attachment;
use super::given::Given;
use crate::tenant::SupportedVerifiedClaims;

pub const EXTERNAL: AttachmentType = AttachmentType::External;

/// OpenID Attachments 1.0 §6: whoever supports external attachments supports this.
pub const DIGEST: &str = "sha-256";

/// Whether a list has a value, or restricts nothing.
fn admits(list: &[String], value: Option<&str>) -> bool {
    list.is_empty() || value.is_none_or(|value| list.iter().any(|one| one == value))
}

fn text<'a>(members: &'a Value, path: &[&str]) -> Option<&'a str> {
    path.iter().try_fold(members, |value, name| value.get(name))?.as_str()
}

impl SupportedVerifiedClaims {
    /// Whether the service has verified claims at all.
    pub fn any(&self) -> bool {
        !self.trust_frameworks.is_empty()
    }

    /// Whether a claim, without its language, is one that can be verified.
    pub fn has_claim(&self, name: &str) -> bool {
        admits(&self.claims, name.split('#').next())
    }

    /// What the service supports of what the authorization server has.
    pub fn of(&self, given: Given) -> Option<Given> {
        let Given { mut verification, claims } = given;
        let framework = verification.get("trust_framework").and_then(Value::as_str)?;
        if !self.trust_frameworks.iter().any(|one| one == framework) {
            return None;
        }
        if let Some(Value::Array(entries)) = verification.remove("evidence") {
            let entries: Vec<_> = entries.into_iter().filter_map(|entry| self.entry(entry)).collect();
            put(&mut verification, "evidence", entries);
        }
        Some(Given { verification, claims })
    }

    fn entry(&self, mut entry: Value) -> Option<Value> {
        let constrained: [(&[String], &[&str]); 7] = [
            (&self.evidence, &["type"]),
            (&self.methods, &["method"]),
            (&self.validation_methods, &["validation_method", "type"]),
            (&self.verification_methods, &["verification_method", "type"]),
            (&self.documents, &["document_details", "type"]),
            (&self.documents, &["document", "type"]),
            (&self.records, &["record", "type"]),
        ];
        if !constrained.iter().all(|(list, path)| admits(list, text(&entry, path))) {
            return None;
        }
        let members = entry.as_object_mut()?;
        retain(members, "check_details", |check| admits(&self.check_methods, text(check, &["check_method"])));
        retain(members, "attachments", |attachment| self.has_attachment(attachment));
        Some(entry)
    }

    fn has_attachment(&self, attachment: &Value) -> bool {
        let kind = attachment::kind(attachment);
        let algorithm = attachment::digest_algorithm(attachment).unwrap_or(DIGEST);
        self.attachments.contains(&kind) && (kind != EXTERNAL || self.has_digest(algorithm))
    }

    /// Whether external attachments may have digests of this algorithm.
    pub fn has_digest(&self, algorithm: &str) -> bool {
        algorithm == DIGEST || self.digest_algorithms.iter().any(|one| one == algorithm)
    }
}

/// Leaves those entries of a member that the service supports; a list is never empty.
fn retain(members: &mut Map<String, Value>, name: &str, supported: impl Fn(&Value) -> bool) {
    if let Some(Value::Array(mut entries)) = members.remove(name) {
        entries.retain(supported);
        put(members, name, entries);
    }
}

fn put(members: &mut Map<String, Value>, name: &str, entries: Vec<Value>) {
    if !entries.is_empty() {
        members.insert(name.to_owned(), entries.into());
    }
}
