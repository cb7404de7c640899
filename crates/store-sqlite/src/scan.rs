//! The statements that go through all rows, in the order of their keys.

use placet_base::Timestamp;
use placet_store::{Id, Key, Kind, Layout, Scanned};
use rusqlite::{Connection, params};

use crate::find::{own_id, row};
use crate::schema;

const LOG: &str = "SELECT number, kind, service, version, body, expires_at FROM log
    WHERE number > ?1 ORDER BY number LIMIT ?2";
const CATALOGUE: &str = "SELECT id, kind, service, version, body, NULL FROM catalogue
    WHERE (kind, service, id) > (?1, ?2, ?3) ORDER BY kind, service, id LIMIT ?4";

pub(crate) fn rows(
    connection: &Connection,
    layout: Layout,
    after: Option<&Key>,
    max: usize,
) -> rusqlite::Result<Vec<Scanned>> {
    let most = i64::try_from(max).unwrap_or(i64::MAX);
    let scanned = |r: &rusqlite::Row<'_>| scanned(r, layout);
    match layout {
        Layout::Log => {
            let after = match after.map(|key| &key.id) {
                Some(Id::Number(number)) => *number,
                _ => i64::MIN,
            };
            connection.prepare_cached(LOG)?.query_map(params![after, most], scanned)?.collect()
        }
        Layout::Catalogue => {
            let first = Id::Number(i64::MIN);
            let (kind, service, id) =
                after.map_or(("", i64::MIN, &first), |key| (key.kind.name, key.service, &key.id));
            let values = params![kind, service, schema::id(id), most];
            connection.prepare_cached(CATALOGUE)?.query_map(values, scanned)?.collect()
        }
    }
}

fn scanned(r: &rusqlite::Row<'_>, layout: Layout) -> rusqlite::Result<Scanned> {
    let kind = Kind::named(&r.get::<_, String>(1)?, layout);
    let key = Key { kind, service: r.get(2)?, id: own_id(r, 0)? };
    let expires_at = r.get::<_, Option<i64>>(5)?.map(Timestamp);
    Ok(Scanned { key, row: row(r, 3, 4)?, expires_at })
}
