//! Changing a service or a client: always by a merge patch, always meant for the version that was read, and never
//! without having said what it changes.

use std::path::{Path, PathBuf};

use clap::Args;
use placet_api::endpoints::endpoint;
use placet_sdk::types::{self, MergePatch, NoRequest};
use placet_sdk::{Answer, ClientPath};
use serde_json::{Map, Value};

use crate::Surroundings;
use crate::change::{Change, changes, effective, shown};
use crate::confirm::Confirmation;
use crate::connection::Api;
use crate::document;
use crate::exit::{Done, Failure};
use crate::members::{Document, assigned, read};
use crate::output::{Output, coloured};
use crate::secrets::masked_member;

/// Members that are to have other values.
#[derive(Args)]
pub(crate) struct Set {
    /// NAME=VALUE; NAME= takes the member away, a.b=VALUE changes a member of a member.
    #[arg(value_name = "NAME=VALUE", required = true)]
    pub(crate) assignments: Vec<String>,
    #[command(flatten)]
    pub(crate) confirmation: Confirmation,
}

/// A merge patch (RFC 7396) of a file.
#[derive(Args)]
pub(crate) struct Patch {
    /// A file with the members to change, JSON or YAML; null takes one away. - for standard input.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) confirmation: Confirmation,
}

/// A document of a file.
#[derive(Args)]
pub(crate) struct Wanted {
    /// A file with the document, JSON or YAML; - for standard input.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Members that the file does not have are taken away; otherwise they stay as they are.
    #[arg(long)]
    pub(crate) exact: bool,
}

/// A document of a file that is to be there.
#[derive(Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    #[command(flatten)]
    pub(crate) confirmation: Confirmation,
}

/// The document that is edited.
pub(crate) enum Subject {
    Service,
    Client(String),
}

/// A document as it was read.
pub(crate) struct Current {
    pub(crate) members: Map<String, Value>,
    pub(crate) version: Option<String>,
}

/// What an edit needs besides the document.
#[derive(Clone, Copy)]
pub(crate) struct Editor<'a> {
    pub(crate) api: &'a Api,
    pub(crate) output: Output,
    pub(crate) surroundings: &'a Surroundings,
}

impl Subject {
    pub(crate) async fn read(&self, api: &Api) -> Result<Current, Failure> {
        match self {
            Self::Service => current(&api.call::<endpoint::service_get>((), NoRequest {}).await?),
            Self::Client(client) => {
                let path = ClientPath::from(client);
                current(&api.call::<endpoint::client_get>(path, NoRequest {}).await?)
            }
        }
    }

    async fn patch(
        &self,
        api: &Api,
        patch: Map<String, Value>,
        version: Option<String>,
    ) -> Result<Value, Failure> {
        let patch = Answer { version, ..MergePatch(patch).into() };
        Ok(match self {
            Self::Service => json(&api.service_patch(patch).await?)?,
            Self::Client(client) => json(&api.client_patch(client, patch).await?)?,
        })
    }

    fn name(&self) -> String {
        match self {
            Self::Service => "the service".to_owned(),
            Self::Client(client) => format!("client {client}"),
        }
    }

    /// Every member known, every value one that the member takes.
    fn judged(&self, document: &Value) -> Done {
        match self {
            Self::Service => read::<types::Service>(document),
            Self::Client(_) => read::<types::Client>(document),
        }
    }

    fn assigned_by_server(&self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Service => (types::Service::ASSIGNED, types::Service::ID),
            Self::Client(_) => (types::Client::ASSIGNED, types::Client::ID),
        }
    }
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|e| Failure::failed(e.to_string()))
}

fn current<T: serde::Serialize>(answer: &Answer<T>) -> Result<Current, Failure> {
    let version = answer.version.clone();
    match json(answer)? {
        Value::Object(members) => Ok(Current { members, version }),
        _ => Err(Failure::failed("the server's answer is no document")),
    }
}

impl Editor<'_> {
    pub(crate) async fn set(self, subject: &Subject, set: &Set) -> Done {
        let patch = match subject {
            Subject::Service => assigned::<types::Service>(&set.assignments)?,
            Subject::Client(_) => assigned::<types::Client>(&set.assignments)?,
        };
        self.change(subject, patch, set.confirmation).await
    }

    pub(crate) async fn patch(self, subject: &Subject, patch: &Patch) -> Done {
        let document = document::read(&patch.file)?;
        subject.judged(&document)?;
        let Value::Object(members) = document else { return Err(Failure::usage("expected an object")) };
        self.change(subject, members, patch.confirmation).await
    }

    /// Shows what differs; the exit code says whether anything does.
    pub(crate) async fn diff(self, subject: &Subject, wanted: &Wanted) -> Done {
        let current = subject.read(self.api).await?;
        let patch = self.wanted(subject, &current, wanted_document(&wanted.file)?, wanted.exact)?;
        let changes = changes(&current.members, &patch);
        self.show(&changes)?;
        match changes.is_empty() {
            true => self.output.say("no difference"),
            false => Err(Failure::differences()),
        }
    }

    /// Has the document be what the file says; a second time, nothing is done.
    pub(crate) async fn apply(self, subject: &Subject, apply: &Apply) -> Done {
        self.apply_read(subject, wanted_document(&apply.wanted.file)?, apply).await
    }

    /// The same with the document of the file, which was read already: standard input can be read once.
    pub(crate) async fn apply_read(
        self,
        subject: &Subject,
        document: Map<String, Value>,
        apply: &Apply,
    ) -> Done {
        let current = subject.read(self.api).await?;
        let patch = self.wanted(subject, &current, document, apply.wanted.exact)?;
        self.commit(subject, current, patch, apply.confirmation).await
    }

    pub(crate) async fn change(
        self,
        subject: &Subject,
        patch: Map<String, Value>,
        confirmation: Confirmation,
    ) -> Done {
        let current = subject.read(self.api).await?;
        let patch = effective(&current.members, patch);
        self.commit(subject, current, patch, confirmation).await
    }

    /// The patch that makes the document what the file says.
    fn wanted(
        self,
        subject: &Subject,
        current: &Current,
        document: Map<String, Value>,
        exact: bool,
    ) -> Result<Map<String, Value>, Failure> {
        subject.judged(&Value::Object(document.clone()))?;
        let (assigned, id) = subject.assigned_by_server();
        if let (Some(named), Some(there)) = (document.get(id), current.members.get(id))
            && named != there
        {
            return Err(Failure::usage(format!("the file is of {id} {named}, and this is {there}")));
        }
        let mut patch = document;
        if exact {
            for name in current.members.keys().filter(|name| name.as_str() != "clientSecret") {
                patch.entry(name.clone()).or_insert(Value::Null);
            }
        }
        patch.retain(|name, _| name != id && !assigned.contains(&name.as_str()));
        Ok(effective(&current.members, patch))
    }

    async fn commit(
        self,
        subject: &Subject,
        current: Current,
        patch: Map<String, Value>,
        confirmation: Confirmation,
    ) -> Done {
        let changes = changes(&current.members, &patch);
        if changes.is_empty() {
            self.show(&changes)?;
            return self.output.say("nothing to change");
        }
        // What is about to happen is said before it does; programs get the outcome alone.
        if self.output.format == crate::output::Format::Human {
            self.show(&changes)?;
        }
        if !confirmation.given(&format!("Change {}?", subject.name()))? {
            self.show_to_programs(&changes)?;
            return self.output.say("nothing was changed (--dry-run)");
        }
        subject.patch(self.api, patch, current.version).await?;
        self.show_to_programs(&changes)?;
        self.output.say("changed")
    }

    fn show(self, changes: &[Change]) -> Done {
        self.output.show(&listed(changes), |_| shown(changes, coloured(self.surroundings)))
    }

    fn show_to_programs(self, changes: &[Change]) -> Done {
        match self.output.format {
            crate::output::Format::Human => Ok(()),
            _ => self.show(changes),
        }
    }
}

fn listed(changes: &[Change]) -> Value {
    let one = |change: &Change| {
        let name = change.path.rsplit('.').next().unwrap_or_default();
        let (before, after) = (masked_member(name, &change.before), masked_member(name, &change.after));
        serde_json::json!({ "member": change.path, "before": before, "after": after })
    };
    Value::Array(changes.iter().map(one).collect())
}

/// The document of a file.
pub(crate) fn wanted_document(file: &Path) -> Result<Map<String, Value>, Failure> {
    match document::read(file)? {
        Value::Object(members) => Ok(members),
        _ => Err(Failure::usage(format!("{}: expected one document, an object", file.display()))),
    }
}
