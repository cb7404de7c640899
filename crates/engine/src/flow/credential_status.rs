//! Token Status List – the entries of credentials that are issued.

use std::collections::HashSet;

use placet_base::{Subject, Timestamp, Ttl};
use placet_store::Loaded;
use placet_vc::status::{Bits, Reference, StatusList};
use serde_json::Value;

use crate::budgets::{STATUS_LIST_ENTRIES, STATUS_LIST_TRIES};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::records::issued_credential::IssuedCredential;
use crate::records::status_list::{AFTER, OpenStatusList, StatusListRecord, StatusLists};

/// How long a list takes new credentials. An entry is kept that long at least, and so given once.
const OPEN: Ttl = Ttl::secs(30 * 24 * 60 * 60);

/// The entries that one operation gives. What it changes about the lists is staged at its end, once for each list.
#[derive(Default)]
pub struct Entries {
    /// What was open before.
    former: Option<Loaded<OpenStatusList>>,
    /// The lists that entries are of; the last is the open one.
    lists: Vec<Used>,
    given: HashSet<(i64, usize)>,
}

struct Used {
    list: OpenStatusList,
    differs: Differs,
}

/// How a list differs from what is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Differs {
    Nothing,
    /// It is kept for longer.
    Kept,
    /// It is not stored.
    New,
}

/// An entry, and the list that it is in.
pub struct Entry {
    list: OpenStatusList,
    idx: usize,
}

/// What was issued with an entry.
pub struct Issued<'a> {
    pub credential: &'a str,
    pub subject: Option<&'a Subject>,
    pub until: Option<Timestamp>,
}

/// That the lists will be committed with their entries.
pub struct Settled;

impl Entry {
    /// §6.2: the claim `status` of the credential.
    pub fn claim(&self) -> Value {
        Reference { idx: self.idx, uri: self.list.uri.clone() }.claim()
    }
}

impl Entries {
    /// An entry that nobody has. Which one it is tells nothing (§12.5.2 of the draft): it is drawn, and not counted. Nobody waits for
    /// anybody: what two operations would give at once, one of them draws anew.
    pub async fn give(&mut self, cx: &mut Cx<'_>, base: &str) -> Result<Entry, Fault> {
        if let Some(list) = self.open(cx, base).await?
            && let Some(idx) = self.free(cx, list.list).await?
        {
            return Ok(Entry { list, idx });
        }
        let list = self.opened(cx, base);
        match self.free(cx, list.list).await? {
            Some(idx) => Ok(Entry { list, idx }),
            None => Err(Fault::server("a new status list has no entry")),
        }
    }

    /// Keeps what was issued with an entry, and its list for as long.
    pub fn keep(&mut self, cx: &mut Cx<'_>, entry: Entry, issued: &Issued<'_>) {
        let Entry { list, idx } = entry;
        let record = IssuedCredential {
            hash: IssuedCredential::hash_of(issued.credential),
            list: list.list,
            idx,
            subject: issued.subject.cloned(),
            expires_at: issued.until.map(|until| until.max(list.until) + AFTER),
        };
        let number = cx.number();
        cx.write.insert(cx.tenant.id, &number, &record);
        let used = self.lists.iter_mut().find(|used| used.list.list == list.list);
        if let Some(used) = used.filter(|used| !used.list.outlasts(issued.until)) {
            // Others that are issued while it is open end later, and are not to write the list again each time.
            used.list.kept = issued.until.map(|until| until + AFTER + OPEN);
            used.differs = match used.differs {
                Differs::Nothing => Differs::Kept,
                differs => differs,
            };
        }
    }

    /// Stages what has become of the lists.
    pub async fn settled(self, cx: &mut Cx<'_>) -> Result<Settled, Fault> {
        let (service, id) = (cx.tenant.id, OpenStatusList::ID.to_owned());
        let Settled = self.named(cx).await?;
        for used in &self.lists {
            let OpenStatusList { list, uri, kept, .. } = used.list.clone();
            match used.differs {
                Differs::Nothing => {}
                Differs::New => {
                    let (number, claim) = (cx.number(), none_taken()?);
                    cx.write.insert(service, &number, &StatusListRecord { list, uri, claim, kept });
                }
                Differs::Kept => {
                    let stored = cx.read.find_one(StatusListRecord::LIST, &list.to_string()).await?;
                    let stored = stored.ok_or_else(|| Fault::server("the open status list is gone"))?;
                    cx.write.transition(stored, |stored| StatusListRecord { kept, ..stored });
                }
            }
        }
        match (self.former, self.lists.last().filter(|used| used.differs != Differs::Nothing)) {
            (_, None) => {}
            (Some(former), Some(used)) => cx.write.replace(former, &used.list),
            (None, Some(used)) => cx.write.insert(service, &id, &used.list),
        }
        Ok(Settled)
    }

    /// Stages where the lists are found.
    async fn named(&self, cx: &mut Cx<'_>) -> Result<Settled, Fault> {
        if self.lists.iter().all(|used| used.differs == Differs::Nothing) {
            return Ok(Settled);
        }
        let (now, id) = (cx.now, StatusLists::ID.to_owned());
        let stored = cx.read.get::<StatusLists>(&id).await?;
        let former = stored.as_ref().map(|stored| stored.value().clone()).unwrap_or_default();
        let changed = self.lists.iter().filter(|used| used.differs != Differs::Nothing);
        let next = changed.fold(former, |all, used| all.with(&used.list, now));
        match stored {
            Some(stored) => cx.write.replace(stored, &next),
            None => cx.write.insert(cx.tenant.id, &id, &next),
        }
        Ok(Settled)
    }

    /// The list that is open, if it is one of those that are published now.
    async fn open(&mut self, cx: &Cx<'_>, base: &str) -> Result<Option<OpenStatusList>, Fault> {
        if self.lists.is_empty() {
            self.former = cx.read.get::<OpenStatusList>(&OpenStatusList::ID.to_owned()).await?;
            let stored = self.former.iter().map(|former| former.value().clone());
            self.lists = stored.map(|list| Used { list, differs: Differs::Nothing }).collect();
        }
        let fits = |list: &&OpenStatusList| !list.until.is_past(cx.now) && list.uri == uri(base, list.list);
        Ok(self.lists.last().map(|used| &used.list).filter(fits).cloned())
    }

    /// Drawn until one is free. Where most are taken, none is found, and the list is as good as full.
    async fn free(&mut self, cx: &mut Cx<'_>, list: i64) -> Result<Option<usize>, Fault> {
        for _ in 0..STATUS_LIST_TRIES {
            let drawn = u64::from_be_bytes(cx.random());
            let idx = usize::try_from(drawn % STATUS_LIST_ENTRIES as u64).unwrap_or_default();
            let name = IssuedCredential::entry(list, idx);
            let taken = cx.read.find_one::<IssuedCredential>(IssuedCredential::ENTRY, &name).await?;
            if taken.is_none() && self.given.insert((list, idx)) {
                return Ok(Some(idx));
            }
        }
        Ok(None)
    }

    /// The next list, from now on the open one.
    fn opened(&mut self, cx: &Cx<'_>, base: &str) -> OpenStatusList {
        let list = self.lists.last().map_or(1, |former| former.list.list + 1);
        let until = cx.now + OPEN;
        let next = OpenStatusList { list, uri: uri(base, list), until, kept: Some(until + AFTER) };
        self.lists.push(Used { list: next.clone(), differs: Differs::New });
        next
    }
}

/// The claim of a list in which nobody has an entry.
fn none_taken() -> Result<Value, Fault> {
    let list = StatusList::new(Bits::Two, STATUS_LIST_ENTRIES);
    Ok(list.map_err(|error| Fault::server(format!("no status list: {error:?}")))?.claim(None))
}

/// Where a list is found.
fn uri(base: &str, list: i64) -> String {
    format!("{}/{list}", base.trim_end_matches('/'))
}
