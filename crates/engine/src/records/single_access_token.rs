//! The one token that a user has at a client, where the service allows one. Whoever issues the next one
//! replaces this record, so that two at once cannot both stay.

use placet_base::{ClientId, RecordNumber, Subject};
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub struct SingleAccessToken {
    pub token: RecordNumber,
}

impl SingleAccessToken {
    pub fn id(client: ClientId, subject: &Subject) -> String {
        format!("{client}/{}", subject.as_str())
    }
}

impl Record for SingleAccessToken {
    type Id = String;
    const KIND: Kind = Kind::catalogue("single");
}
