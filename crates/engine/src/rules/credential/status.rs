//! draft-ietf-oauth-status-list-21 – Token Status List: which credentials get which status

use placet_api::Reason;
use placet_base::{RecordNumber, Subject};
use placet_vc::status::{INVALID, StatusList};

use crate::fault::Fault;

/// Which credentials are meant.
pub enum StatusTarget {
    /// As it was issued.
    Credential(String),
    /// By its entry.
    Entry { uri: String, idx: usize },
    /// Of a user all from this number on.
    Subject(Subject, RecordNumber),
}

/// How a call may name credentials; a text that is empty is not there.
#[derive(Clone, Copy)]
pub struct Naming<'a> {
    pub credential: Option<&'a str>,
    pub uri: Option<&'a str>,
    pub idx: Option<i64>,
    pub subject: Option<&'a str>,
    pub cursor: Option<&'a str>,
}

impl StatusTarget {
    /// In one way, and no other.
    pub fn parse(named: Naming<'_>) -> Result<Self, Fault> {
        let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let unknown = || Fault::from(Reason::StatusTargetUnknown {});
        match (given(named.credential), given(named.uri), named.idx, given(named.subject)) {
            (Some(credential), None, None, None) => Ok(Self::Credential(credential)),
            (None, Some(uri), Some(idx), None) => {
                Ok(Self::Entry { uri, idx: usize::try_from(idx).map_err(|_| unknown())? })
            }
            (None, None, None, Some(subject)) => {
                let subject = Subject::parse(&subject).map_err(|_| unknown())?;
                Ok(Self::Subject(subject, from(named.cursor)?))
            }
            _ => Err(Reason::StatusTargetUnfit {}.into()),
        }
    }
}

fn from(cursor: Option<&str>) -> Result<RecordNumber, Fault> {
    let Some(cursor) = cursor.filter(|text| !text.is_empty()) else { return Ok(RecordNumber(0)) };
    let number = cursor.parse().ok().filter(|number| *number > 0).map(RecordNumber);
    Ok(number.ok_or(Reason::StatusCursorUnknown {})?)
}

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Changed,
    Same,
    /// §7.1: what is invalid is so for ever.
    Final,
}

/// Writes the status of an entry, if it can have it.
pub fn turned(list: &mut StatusList, idx: usize, wanted: u8) -> Result<Turn, Fault> {
    match list.get(idx) {
        Some(found) if found == wanted => Ok(Turn::Same),
        Some(INVALID) => Ok(Turn::Final),
        _ => {
            let set = list.set(idx, wanted).map(|()| Turn::Changed);
            set.map_err(|error| Fault::server(format!("a status list lacks an entry: {error:?}")))
        }
    }
}
