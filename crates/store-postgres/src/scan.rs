//! The statements that go through all rows, in the order of their keys.

use placet_base::Timestamp;
use placet_store::{Id, Key, Kind, Layout, Row, Scanned};

use crate::link::{Failure, Link};
use crate::schema;
use crate::wall::About;

const LOG: &str = "
    SELECT service, kind, number, ''::BYTEA, version, body, expires_at FROM log
    WHERE (service, kind, number) > ($1, $2, $3) ORDER BY service, kind, number LIMIT $4";
const CATALOGUE: &str = "
    SELECT service, kind, number, name, version, body, NULL::INT8 FROM catalogue
    WHERE (service, kind, number, name) > ($1, $2, $3, $4) ORDER BY service, kind, number, name LIMIT $5";

pub(crate) async fn rows(
    link: &Link,
    layout: Layout,
    after: Option<Key>,
    max: usize,
) -> Result<Vec<Scanned>, Failure> {
    let most = i64::try_from(max).unwrap_or(i64::MAX);
    let first = Key { kind: Kind { name: "", layout }, service: i64::MIN, id: Id::Number(i64::MIN) };
    let after = after.unwrap_or(first);
    let (service, kind) = (after.service, after.kind.name);
    let (number, name) = schema::id(&after.id);
    let found = match layout {
        Layout::Log => link.query(About::All, LOG, &[&service, &kind, &number, &most]).await?,
        Layout::Catalogue => {
            link.query(About::All, CATALOGUE, &[&service, &kind, &number, &name, &most]).await?
        }
    };
    found.iter().map(|row| scanned(row, layout)).collect()
}

fn scanned(row: &tokio_postgres::Row, layout: Layout) -> Result<Scanned, Failure> {
    let id = schema::id_of(row.try_get(2)?, row.try_get(3)?);
    let id = id.ok_or_else(|| Failure::text("a row has no id"))?;
    let key = Key { kind: Kind::named(row.try_get(1)?, layout), service: row.try_get(0)?, id };
    let expires_at = row.try_get::<_, Option<i64>>(6)?.map(Timestamp);
    let row = Row { version: row.try_get(4)?, body: row.try_get::<_, Vec<u8>>(5)?.into() };
    Ok(Scanned { key, row, expires_at })
}
