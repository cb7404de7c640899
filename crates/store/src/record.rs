//! Records: typed rows.

use placet_base::{ClientId, OrganizationId, RecordNumber, ServiceId, Subject, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::row::{Id, IndexEntry, Key, Kind, Layout};

/// A stored fact. Its body has the number of the format it was written in, and the names of its members, so that a later
/// release can still decode it. Rows of log kinds are sealed on their way to the backend ([`crate::SealedRows`]).
pub trait Record: Serialize + DeserializeOwned + Send + Sync {
    /// What tells the records of this kind apart: of a log kind a number, of a catalogue whatever names it.
    type Id: RecordId;
    const KIND: Kind;
    /// The format that is written now. A reader of an older one converts it in [`Record::upgrade`].
    const FORMAT: u32 = 1;

    /// Names under which the record is found besides its id.
    fn indexes(&self) -> Vec<IndexEntry> {
        Vec::new()
    }

    /// From when on the record means nothing and may be swept.
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }

    /// What the audit log says of the record, without secrets; nothing for kinds that are not audited.
    fn audited(&self) -> Option<serde_json::Value> {
        None
    }

    /// Brings a body of an older format into the shape of the present one.
    fn upgrade(_format: u32, body: serde_json::Value) -> Option<serde_json::Value> {
        Some(body)
    }

    fn key(service: ServiceId, id: &Self::Id) -> Key {
        Key { kind: Self::KIND, service: service.0, id: id.to_id() }
    }
}

/// An id as a type, so that a record is looked for by its own kind of id and no other.
pub trait RecordId: Clone + PartialEq + Send + Sync {
    fn to_id(&self) -> Id;
    /// `None` for an id that no record of the kind was stored under.
    fn from_id(id: &Id) -> Option<Self>;
}

macro_rules! numbers {
    ($($id:ident),*) => {$(
        impl RecordId for $id {
            fn to_id(&self) -> Id {
                Id::Number(self.0)
            }

            fn from_id(id: &Id) -> Option<Self> {
                match id {
                    Id::Number(number) => Some(Self(*number)),
                    Id::Name(_) => None,
                }
            }
        }
    )*};
}

numbers!(RecordNumber, ServiceId, ClientId, OrganizationId);

impl RecordId for String {
    fn to_id(&self) -> Id {
        Id::Name(self.clone())
    }

    fn from_id(id: &Id) -> Option<Self> {
        match id {
            Id::Name(name) => Some(name.clone()),
            Id::Number(_) => None,
        }
    }
}

impl RecordId for Subject {
    fn to_id(&self) -> Id {
        Id::Name(self.as_str().to_owned())
    }

    fn from_id(id: &Id) -> Option<Self> {
        Self::parse(&String::from_id(id)?).ok()
    }
}

/// What a compact body begins with. One in JSON begins with a brace.
const COMPACT: u8 = 2;

/// The envelope of a body in JSON.
#[derive(Serialize, Deserialize)]
struct Body<T> {
    #[serde(rename = "v")]
    format: u32,
    #[serde(rename = "r")]
    record: T,
}

/// The body of a record. Rows of log kinds are many, and read and written by every request: they are compact. Those of
/// catalogues, which are few and kept compiled, stay texts that an operator can read. Either is decoded wherever it stands.
///
/// # Errors
/// What keeps it from having one.
pub fn encode<T: Record>(record: &T) -> Result<Vec<u8>, String> {
    match T::KIND.layout {
        Layout::Catalogue => {
            serde_json::to_vec(&Body { format: T::FORMAT, record }).map_err(|e| e.to_string())
        }
        Layout::Log => {
            let mut body = Vec::with_capacity(ROOM);
            body.push(COMPACT);
            // With the names of members, so that a release may add some.
            let written =
                (T::FORMAT, record).serialize(&mut rmp_serde::Serializer::new(&mut body).with_struct_map());
            written.map(|()| body).map_err(|e| e.to_string())
        }
    }
}

/// What most compact bodies fit into, in bytes.
const ROOM: usize = 512;

/// The record of a body. Boxed from the beginning: a record is large, and would be copied at each step on its way.
///
/// # Errors
/// What keeps it from being one.
pub fn decode<T: Record>(bytes: &[u8]) -> Result<Box<T>, String> {
    let kind = T::KIND.name;
    // The present format is decoded without an intermediate tree: this is the hot path.
    let present = match bytes.split_first() {
        Some((&COMPACT, body)) => rmp_serde::from_slice::<(u32, Box<T>)>(body).ok(),
        _ => serde_json::from_slice::<Body<Box<T>>>(bytes).ok().map(|body| (body.format, body.record)),
    };
    if let Some((_, record)) = present.filter(|(format, _)| *format == T::FORMAT) {
        return Ok(record);
    }
    let (format, record) = tree(bytes).map_err(|e| format!("{kind} record: {e}"))?;
    let record =
        T::upgrade(format, record).ok_or_else(|| format!("{kind} record has the unknown format {format}"))?;
    serde_json::from_value(record).map_err(|e| format!("{kind} record does not decode: {e}"))
}

/// The format of a body, and its record, whatever kind it is of.
///
/// # Errors
///
/// What keeps it from being one.
pub fn tree(bytes: &[u8]) -> Result<(u32, serde_json::Value), String> {
    match bytes.split_first() {
        Some((&COMPACT, body)) => rmp_serde::from_slice(body).map_err(|e| e.to_string()),
        _ => serde_json::from_slice::<Body<serde_json::Value>>(bytes)
            .map(|body| (body.format, body.record))
            .map_err(|e| e.to_string()),
    }
}
