//! Rows sealed whole, on their way to any backend. What users and clients say – claims, hints, codes, properties
//! that no client may see – is in rows of log kinds; whoever gets hold of the file reads none of it.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::aead::NONCE_LEN;
use placet_base::Timestamp;

use crate::keyring::KeyError;
use crate::row::{
    Change, CommitError, Id, IndexKey, Key, Layout, Page, Row, Rows, Scanned, Swept, Unavailable,
};
use crate::seal::{Seal, SealError, row_key};
use crate::{BoxFuture, Store};

/// A store whose rows of log kinds only this installation can read.
pub struct SealedRows {
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) seal: Arc<Seal>,
}

impl SealedRows {
    pub fn new(inner: Arc<dyn Store>, seal: Arc<Seal>) -> Self {
        Self { inner, seal }
    }

    /// Looks at the keyring, as [`Seal::fits`] does.
    ///
    /// # Errors
    /// When no master key that is known opens it.
    pub async fn fits(&self) -> Result<(), KeyError> {
        self.seal.fits(&*self.inner).await
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
                let sealed = self.seal.sealed_row(&body, place(key).as_bytes(), nonce(key, version));
                sealed.map_err(|_| Unavailable::Defect(format!("a {} row cannot be sealed", key.kind.name)))
            }
        }
    }

    /// A key that is not known was made a moment ago, or this node knows no master key that unwraps it.
    async fn open(&self, key: &Key, row: Row) -> Result<Row, Unavailable> {
        let Some((number, _)) = row_key(&row.body) else { return Ok(row) };
        if !self.seal.knows(number) {
            self.look().await?;
        }
        let version = row.version;
        let broken =
            |SealError| Unavailable::Defect(format!("the seal of a {} row is broken", key.kind.name));
        Ok(Row { body: self.body(key, row).map_err(broken)?.into(), version })
    }

    /// What is in a row.
    pub(crate) fn body(&self, key: &Key, row: Row) -> Result<Vec<u8>, SealError> {
        // Taken over where nobody shares it.
        let mut body = Vec::from(row.body);
        if key.kind.layout == Layout::Log {
            self.seal.open_row(&mut body, place(key).as_bytes())?;
        }
        Ok(body)
    }

    /// Looks at the keyring, where that has not been done for too long.
    async fn current(&self) -> Result<(), Unavailable> {
        if self.seal.is_lapsed() { self.look().await } else { Ok(()) }
    }

    async fn look(&self) -> Result<(), Unavailable> {
        self.fits().await.map_err(|error| match error {
            KeyError::Other => {
                Unavailable::Away("no master key that is known here unwraps its keys".to_owned())
            }
            KeyError::Unavailable(why) => Unavailable::Away(why),
        })
    }

    async fn opened(&self, index: &IndexKey, (id, row): (Id, Row)) -> Result<(Id, Row), Unavailable> {
        let key = Key { kind: index.kind, service: index.service, id };
        let row = self.open(&key, row).await?;
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
        if key.kind.layout == Layout::Catalogue && !self.seal.is_lapsed() {
            return self.inner.get(key);
        }
        Box::pin(async move {
            self.current().await?;
            match self.inner.get(key).await? {
                Some(row) => self.open(key, row).await.map(Some),
                None => Ok(None),
            }
        })
    }

    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>> {
        Box::pin(async move {
            self.current().await?;
            let found = self.inner.find(index, page).await?;
            let mut rows = Vec::with_capacity(found.rows.len());
            for row in found.rows {
                rows.push(self.opened(index, row).await?);
            }
            Ok(Rows { rows, total: found.total })
        })
    }

    fn find_one<'a>(&'a self, index: &'a IndexKey) -> BoxFuture<'a, Result<Option<(Id, Row)>, Unavailable>> {
        Box::pin(async move {
            self.current().await?;
            match self.inner.find_one(index).await? {
                Some(row) => self.opened(index, row).await.map(Some),
                None => Ok(None),
            }
        })
    }

    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(async move {
            let before = self.seal.is_lapsed().then(|| self.seal.present());
            self.current().await?;
            if before.is_some_and(|before| before != self.seal.present()) {
                // There may be texts in it that the former key has sealed, which is about to go.
                return Err(Unavailable::Busy("the keys have been replaced meanwhile".to_owned()).into());
            }
            let sealing = self.seal.present();
            let closed = batch.into_iter().map(|change| self.closed(change)).collect::<Result<_, _>>()?;
            self.inner.commit(closed).await?;
            if self.seal.knows(sealing) {
                return Ok(());
            }
            // It has waited for so long that nobody will be able to read it.
            Err(Unavailable::Away("it was sealed with a key that has gone meanwhile".to_owned()).into())
        })
    }

    fn scan<'a>(
        &'a self,
        layout: Layout,
        after: Option<&'a Key>,
        max: usize,
    ) -> BoxFuture<'a, Result<Vec<Scanned>, Unavailable>> {
        Box::pin(async move {
            self.current().await?;
            let mut rows = self.inner.scan(layout, after, max).await?;
            for scanned in &mut rows {
                scanned.row = self.open(&scanned.key, scanned.row.clone()).await?;
            }
            Ok(rows)
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
        assert!(lying[0] == 1 && !lying.windows(9).any(|part| part == b"user_code"));
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
        assert_eq!(body(&*memory, &key(1)).unwrap()[0], 1);
        assert_eq!(body(&sealed, &key(1)).unwrap(), b"{}");
    }
}
