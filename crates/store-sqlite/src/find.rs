//! The statements that read. A page costs what it shows: its rows are chosen in an index, passing over those before
//! it there, and only they are read.

use placet_store::{Id, IndexKey, Key, Layout, Page, Row, Rows};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

use crate::schema;

pub(crate) fn log_row(connection: &Connection, key: &Key) -> rusqlite::Result<Option<Row>> {
    let Id::Number(number) = key.id else { return Ok(None) };
    connection
        .prepare_cached("SELECT version, body FROM log WHERE number = ?1 AND kind = ?2 AND service = ?3")?
        .query_row(params![number, key.kind.name, key.service], |r| row(r, 0, 1))
        .optional()
}

pub(crate) fn catalogue_row(connection: &Connection, key: &Key) -> rusqlite::Result<Option<Row>> {
    connection
        .prepare_cached("SELECT version, body FROM catalogue WHERE kind = ?1 AND service = ?2 AND id = ?3")?
        .query_row(params![key.kind.name, key.service, schema::id(&key.id)], |r| row(r, 0, 1))
        .optional()
}

const HOLDER_IN_LOG: &str =
    "SELECT number, version, body FROM log WHERE kind = ?1 AND service = ?2 AND own_1 = ?3 || '=' || ?4
    UNION ALL
    SELECT number, version, body FROM log WHERE kind = ?1 AND service = ?2 AND own_2 = ?3 || '=' || ?4";
const HOLDER: &str = "SELECT c.id, c.version, c.body FROM names n
    JOIN catalogue c ON c.kind = n.kind AND c.service = n.service AND c.id = n.id
    WHERE n.kind = ?1 AND n.service = ?2 AND n.name = ?3 AND n.value = ?4";

/// The row that holds a name of its own.
pub(crate) fn holder(connection: &Connection, index: &IndexKey) -> rusqlite::Result<Option<(Id, Row)>> {
    let Some((name, value)) = &index.entry else { return Ok(None) };
    let sql = match index.kind.layout {
        Layout::Log => HOLDER_IN_LOG,
        Layout::Catalogue => HOLDER,
    };
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row(params![index.kind.name, index.service, name, value], entry).optional()
}

pub(crate) fn rows(connection: &Connection, index: &IndexKey, page: Page) -> rusqlite::Result<Rows> {
    let named = index.entry.is_some();
    match index.kind.layout {
        Layout::Log if named => select(connection, index, page, ("log", "number", NAMED_IN_LOG)),
        Layout::Log => select(connection, index, page, ("log", "number", ALL_OF_LOG)),
        Layout::Catalogue if named => select(connection, index, page, ("catalogue", "id", NAMED)),
        Layout::Catalogue => select(connection, index, page, ("catalogue", "id", ALL)),
    }
}

/// What is chosen from, all in the order of an index. `?1` is the kind, `?2` the service, `?3` and `?4` name and value,
/// `?5` the smallest number.
const ALL: &str = "SELECT id FROM catalogue INDEXED BY catalogue_ids
    WHERE kind = ?1 AND service = ?2 AND ?3 IS NULL AND ?4 IS NULL AND id >= ?5 ORDER BY id";
const NAMED: &str = "SELECT id FROM names
    WHERE kind = ?1 AND service = ?2 AND name = ?3 AND value = ?4 AND id >= ?5 ORDER BY id";
const ALL_OF_LOG: &str = "SELECT number FROM log
    WHERE kind = ?1 AND service = ?2 AND shared_1 IS NOT NULL AND ?3 IS NULL AND ?4 IS NULL AND number >= ?5
    ORDER BY shared_1, number";
const NAMED_IN_LOG: &str = "SELECT number FROM log
    WHERE kind = ?1 AND service = ?2 AND shared_1 = ?3 || '=' || ?4 AND number >= ?5
    UNION ALL SELECT number FROM log
    WHERE kind = ?1 AND service = ?2 AND shared_2 = ?3 || '=' || ?4 AND number >= ?5
    UNION ALL SELECT number FROM log
    WHERE kind = ?1 AND service = ?2 AND own_1 = ?3 || '=' || ?4 AND number >= ?5
    UNION ALL SELECT number FROM log
    WHERE kind = ?1 AND service = ?2 AND own_2 = ?3 || '=' || ?4 AND number >= ?5
    ORDER BY number";

fn select(
    connection: &Connection,
    index: &IndexKey,
    page: Page,
    (table, id, candidates): (&str, &str, &str),
) -> rusqlite::Result<Rows> {
    let (name, value) = index.entry.as_ref().map(|(n, v)| (*n, v.as_str())).unzip();
    let (kind, service, from) = (index.kind.name, index.service, index.from);
    let total: i64 = match page.counted {
        0 => 0,
        most => connection
            .prepare_cached(&format!("SELECT count(*) FROM ({candidates} LIMIT ?6)"))?
            .query_row(params![kind, service, name, value, from, as_i64(most)], |r| r.get(0))?,
    };
    let (limit, offset) = (page.limit(), page.start);
    let ids = connection
        .prepare_cached(&format!("{candidates} LIMIT ?6 OFFSET ?7"))?
        .query_map(params![kind, service, name, value, from, as_i64(limit), as_i64(offset)], |r| {
            own_id(r, 0)
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let of_row = "version, body FROM";
    let sql = format!("SELECT {id}, {of_row} {table} WHERE kind = ?1 AND service = ?2 AND {id} = ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    let read = ids.iter().map(|id| statement.query_row(params![kind, service, schema::id(id)], entry));
    Ok(Rows {
        rows: read.collect::<rusqlite::Result<_>>()?,
        total: usize::try_from(total).unwrap_or_default(),
    })
}

fn entry(r: &rusqlite::Row<'_>) -> rusqlite::Result<(Id, Row)> {
    Ok((own_id(r, 0)?, row(r, 1, 2)?))
}

pub(crate) fn own_id(r: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Id> {
    Ok(match r.get_ref(column)? {
        ValueRef::Integer(number) => Id::Number(number),
        other => Id::Name(other.as_str()?.to_owned()),
    })
}

pub(crate) fn row(row: &rusqlite::Row<'_>, version: usize, body: usize) -> rusqlite::Result<Row> {
    Ok(Row { version: row.get(version)?, body: row.get::<_, Vec<u8>>(body)?.into() })
}

fn as_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    fn connection() -> Connection {
        schema::open_for_writing(std::path::Path::new(":memory:"), schema::STEPS).unwrap().0
    }

    /// Whoever sends a value that means nothing is answered from plans that are there.
    #[test]
    fn a_plan_is_made_once() {
        let connection = connection();
        for sql in [HOLDER_IN_LOG, HOLDER, ALL, NAMED, ALL_OF_LOG, NAMED_IN_LOG] {
            for _ in 0..3 {
                let mut statement = connection.prepare_cached(sql).unwrap();
                for at in 1..=statement.parameter_count() {
                    statement.raw_bind_parameter(at, "7").unwrap();
                }
                assert!(statement.raw_query().next().unwrap().is_none());
            }
            let statement = connection.prepare_cached(sql).unwrap();
            assert!(statement.get_status(StatementStatus::Run) >= 3, "{sql}");
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{sql}");
        }
    }

    /// None sorts, and none reads rows that it does not show.
    #[test]
    fn pages_are_chosen_in_an_index() {
        let connection = connection();
        for candidates in [ALL, NAMED, ALL_OF_LOG, NAMED_IN_LOG] {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {candidates}")).unwrap();
            let nothing: [Option<i64>; 5] = [None; 5];
            let plan: Vec<String> =
                statement.query_map(nothing, |r| r.get(3)).unwrap().collect::<Result<_, _>>().unwrap();
            let plan = plan.join("\n");
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{candidates}\n{plan}");
            for line in plan.lines().filter(|line| line.contains("SEARCH")) {
                let covered = line.contains("COVERING INDEX") || line.contains("PRIMARY KEY");
                assert!(covered, "{candidates}\n{plan}");
            }
        }
    }
}
