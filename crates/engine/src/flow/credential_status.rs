//! Token Status List – the entries of credentials that are issued.

use std::collections::HashSet;

use placet_base::{Subject, Timestamp, Ttl};
use placet_vc::status::{Bits, Reference, StatusList};
use serde_json::Value;

use crate::budgets::{STATUS_LIST_ENTRIES, STATUS_LIST_TRIES};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::records::issued_credential::IssuedCredential;
use crate::records::status_list::{OpenStatusList, StatusListRecord};

/// How long a list takes new credentials. An entry is kept that long at least, and so given once.
const OPEN: Ttl = Ttl::secs(30 * 24 * 60 * 60);

/// The entries that one operation gives.
#[derive(Default)]
pub struct Entries {
    open: Option<OpenStatusList>,
    given: HashSet<(i64, usize)>,
}

/// An entry, and the list that it is in.
pub struct Entry {
    list: OpenStatusList,
    idx: usize,
}

impl Entry {
    /// §6.2: the claim `status` of the credential.
    pub fn claim(&self) -> Value {
        Reference { idx: self.idx, uri: self.list.uri.clone() }.claim()
    }

    /// Keeps what was issued with it.
    pub fn keep(
        self,
        cx: &mut Cx<'_>,
        credential: &str,
        subject: Option<&Subject>,
        until: Option<Timestamp>,
    ) {
        let record = IssuedCredential {
            hash: IssuedCredential::hash_of(credential),
            list: self.list.list,
            idx: self.idx,
            subject: subject.cloned(),
            expires_at: until.map(|until| until.max(self.list.until)),
        };
        let number = cx.number();
        cx.write.insert(cx.tenant.id, &number, &record);
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
        let list = self.opened(cx, base).await?;
        match self.free(cx, list.list).await? {
            Some(idx) => Ok(Entry { list, idx }),
            None => Err(Fault::server("a new status list has no entry")),
        }
    }

    /// The list that is open, if it is one of those that are published now.
    async fn open(&mut self, cx: &Cx<'_>, base: &str) -> Result<Option<OpenStatusList>, Fault> {
        if self.open.is_none() {
            let found = cx.read.get::<OpenStatusList>(&OpenStatusList::ID.to_owned()).await?;
            self.open = found.map(|found| found.into_value());
        }
        let fits = |list: &&OpenStatusList| !list.until.is_past(cx.now) && list.uri == uri(base, list.list);
        Ok(self.open.as_ref().filter(fits).cloned())
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
    async fn opened(&mut self, cx: &mut Cx<'_>, base: &str) -> Result<OpenStatusList, Fault> {
        let (service, id) = (cx.tenant.id, OpenStatusList::ID.to_owned());
        let former = cx.read.get::<OpenStatusList>(&id).await?;
        let list = former.as_ref().map_or(1, |former| former.list + 1);
        let next = OpenStatusList { list, uri: uri(base, list), until: cx.now + OPEN };
        let entries = StatusList::new(Bits::Two, STATUS_LIST_ENTRIES);
        let claim = entries.map_err(|error| Fault::server(format!("no status list: {error:?}")))?.claim(None);
        let number = cx.number();
        cx.write.insert(service, &number, &StatusListRecord { list, uri: next.uri.clone(), claim });
        match former {
            Some(former) => cx.write.replace(former, &next),
            None => cx.write.insert(service, &id, &next),
        }
        self.open = Some(next.clone());
        Ok(next)
    }
}

/// Where a list is found.
fn uri(base: &str, list: i64) -> String {
    format!("{}/{list}", base.trim_end_matches('/'))
}
