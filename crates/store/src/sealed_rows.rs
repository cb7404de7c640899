//! Rows sealed whole, on their way to any backend. What users and clients say – claims, hints, codes, properties
//! that no client may see – is in rows of log kinds; whoever gets hold of the file reads none of it.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::aead::{MAX_TAG_LEN, NONCE_LEN};
use placet_base::Timestamp;

use crate::row::{Change, CommitError, Id, IndexKey, Key, Layout, Page, Row, Rows, Swept, Unavailable};
use crate::seal::Seal;
use crate::{BoxFuture, Store};

/// What a sealed body begins with. A body that was written before rows were sealed is JSON, and begins with a
/// brace; it is read as it is, and sealed when it is next replaced.
const SEALED: u8 = 1;

/// That byte and the nonce.
const HEAD: usize = 1 + NONCE_LEN;

/// A store whose rows of log kinds only this installation can read.
pub struct SealedRows {
    inner: Arc<dyn Store>,
    seal: Arc<Seal>,
}

impl SealedRows {
    pub fn new(inner: Arc<dyn Store>, seal: Arc<Seal>) -> Self {
        Self { inner, seal }
    }

    fn closed(&self, change: Change) -> Result<Change, CommitError> {
        let close =
            |key: &Key, version, body| self.close(key, version, body).map_err(CommitError::Unavailable);
        Ok(match change {
            Change::Insert { key, body, indexes, expires_at } => {
                let body = close(&key, 1, body)?;
                Change::Insert { key, body, indexes, expires_at }
            }
            Change::Replace { key, version, body, indexes, expires_at } => {
                let body = close(&key, version.saturating_add(1), body)?;
                Change::Replace { key, version, body, indexes, expires_at }
            }
            Change::Delete { key, version } => Change::Delete { key, version },
        })
    }

    fn close(&self, key: &Key, version: i64, body: Vec<u8>) -> Result<Vec<u8>, Unavailable> {
        match key.kind.layout {
            Layout::Catalogue => Ok(body),
            Layout::Log => {
                let nonce = nonce(key, version);
                let mut row = Vec::with_capacity(HEAD + body.len() + MAX_TAG_LEN);
                row.push(SEALED);
                row.extend_from_slice(&nonce);
                row.extend_from_slice(&body);
                let sealed = self.seal.seal_row(&mut row, HEAD, place(key).as_bytes(), nonce);
                sealed
                    .map_err(|_| Unavailable::Defect(format!("a {} row cannot be sealed", key.kind.name)))?;
                Ok(row)
            }
        }
    }

    fn open(&self, key: &Key, row: Row) -> Result<Row, Unavailable> {
        let Some((&SEALED, sealed)) = row.body.split_first() else { return Ok(row) };
        let broken = || Unavailable::Defect(format!("the seal of a {} row is broken", key.kind.name));
        let nonce = *sealed.first_chunk().ok_or_else(broken)?;
        let mut body = Vec::from(row.body);
        self.seal.open_row(&mut body, HEAD, place(key).as_bytes(), nonce).map_err(|_| broken())?;
        Ok(Row { body: body.into(), ..row })
    }

    fn opened(&self, index: &IndexKey, (id, row): (Id, Row)) -> Result<(Id, Row), Unavailable> {
        let key = Key { kind: index.kind, service: index.service, id };
        let row = self.open(&key, row)?;
        Ok((key.id, row))
    }
}

/// A row opens in its own place only.
fn place(key: &Key) -> String {
    // Made for every row that is read: as long as most, so that it grows but for long names.
    let mut place = String::with_capacity(64);
    let _ = match &key.id {
        Id::Number(number) => write!(place, "{}/{}/#{number}", key.kind.name, key.service),
        Id::Name(name) => write!(place, "{}/{}/{name}", key.kind.name, key.service),
    };
    place
}

/// The place of a row and the turn it is in. Two bodies that are sealed with the same nonce, because one of two
/// writers lost, tell no more than whether they are the same: the cipher is made for that (RFC 8452).
fn nonce(key: &Key, version: i64) -> [u8; NONCE_LEN] {
    let number = match &key.id {
        Id::Number(number) => *number,
        Id::Name(_) => 0,
    };
    let mut nonce = [0; NONCE_LEN];
    nonce[..8].copy_from_slice(&number.to_be_bytes());
    nonce[8..].copy_from_slice(&version.to_be_bytes()[4..]);
    nonce
}

impl Store for SealedRows {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>> {
        match key.kind.layout {
            Layout::Catalogue => self.inner.get(key),
            Layout::Log => {
                Box::pin(async move { self.inner.get(key).await?.map(|row| self.open(key, row)).transpose() })
            }
        }
    }

    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>> {
        Box::pin(async move {
            let found = self.inner.find(index, page).await?;
            let rows = found.rows.into_iter().map(|row| self.opened(index, row));
            Ok(Rows { rows: rows.collect::<Result<_, _>>()?, total: found.total })
        })
    }

    fn find_one<'a>(&'a self, index: &'a IndexKey) -> BoxFuture<'a, Result<Option<(Id, Row)>, Unavailable>> {
        Box::pin(
            async move { self.inner.find_one(index).await?.map(|row| self.opened(index, row)).transpose() },
        )
    }

    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(async move {
            let closed = batch.into_iter().map(|change| self.closed(change)).collect::<Result<_, _>>()?;
            self.inner.commit(closed).await
        })
    }

    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<Swept, Unavailable>> {
        self.inner.sweep(before, max)
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        self.inner.health()
    }

    fn writable(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        self.inner.writable()
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use super::*;
    use crate::contract::{CHECKS, wait};
    use crate::row::Kind;
    use crate::{Memory, Seal};

    const LOG: Kind = Kind::log("log");

    fn stores() -> (Arc<Memory>, SealedRows) {
        let memory = Arc::new(Memory::default());
        (memory.clone(), SealedRows::new(memory, Arc::new(Seal::new(&[7; 32]).unwrap())))
    }

    fn key(number: i64) -> Key {
        Key { kind: LOG, service: 1, id: Id::Number(number) }
    }

    fn insert(key: &Key, body: &[u8]) -> Vec<Change> {
        vec![Change::Insert { key: key.clone(), body: body.to_vec(), indexes: Vec::new(), expires_at: None }]
    }

    fn body(store: &dyn Store, key: &Key) -> Result<Vec<u8>, Unavailable> {
        wait(store.get(key)).map(|row| row.unwrap().body.to_vec())
    }

    #[test]
    fn it_keeps_the_contract() {
        for (name, check) in CHECKS {
            println!("{name}");
            check(&stores().1);
        }
    }

    #[test]
    fn what_lies_in_the_store_says_nothing() {
        let (memory, sealed) = stores();
        let text = br#"{"v":1,"r":{"user_code":"1234"}}"#;
        wait(sealed.commit(insert(&key(1), text))).unwrap();
        let lying = body(&*memory, &key(1)).unwrap();
        assert!(lying[0] == SEALED && !lying.windows(9).any(|part| part == b"user_code"));
        assert_eq!(body(&sealed, &key(1)).unwrap(), text);
    }

    /// Rows that lie in stores stay readable: the key, the nonce and the place follow as they did.
    #[test]
    fn the_sealed_form_stays_what_it_was() {
        let (memory, sealed) = stores();
        wait(sealed.commit(insert(&key(1), b"{}"))).unwrap();
        assert_eq!(
            BASE64URL_NOPAD.encode(&body(&*memory, &key(1)).unwrap()),
            "AQAAAAAAAAABAAAAAexlg4KEZeIK_lAB4BnmfkzXhw"
        );
    }

    #[test]
    fn a_row_opens_in_its_own_place_and_as_it_was_written() {
        let (memory, sealed) = stores();
        wait(sealed.commit(insert(&key(1), b"{}"))).unwrap();
        let lying = body(&*memory, &key(1)).unwrap();
        wait(memory.commit(insert(&key(2), &lying))).unwrap();
        assert!(body(&sealed, &key(2)).is_err());
        let mut broken = lying.clone();
        *broken.last_mut().unwrap() ^= 1;
        wait(memory.commit(insert(&key(3), &broken))).unwrap();
        assert!(body(&sealed, &key(3)).is_err());
        wait(memory.commit(insert(&key(4), &lying[..5]))).unwrap();
        assert!(body(&sealed, &key(4)).is_err());
    }

    #[test]
    fn what_was_written_before_is_read_and_sealed_when_it_changes() {
        let (memory, sealed) = stores();
        wait(memory.commit(insert(&key(1), br#"{"v":1,"r":"old"}"#))).unwrap();
        assert_eq!(body(&sealed, &key(1)).unwrap(), br#"{"v":1,"r":"old"}"#);
        let next = Change::Replace {
            key: key(1),
            version: 1,
            body: b"{}".to_vec(),
            indexes: Vec::new(),
            expires_at: None,
        };
        wait(sealed.commit(vec![next])).unwrap();
        assert_eq!(body(&*memory, &key(1)).unwrap()[0], SEALED);
        assert_eq!(body(&sealed, &key(1)).unwrap(), b"{}");
    }
}
