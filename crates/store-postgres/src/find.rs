//! The statements that read. A page costs what it shows: its rows are chosen in an index, passing over those before it
//! there, and only they are read.

use std::collections::HashMap;
use std::sync::LazyLock;

use placet_store::{Id, IndexKey, Key, Layout, Page, Row, Rows, log_name};
use tokio_postgres::types::ToSql;

use crate::link::{Failure, Link};
use crate::schema;
use crate::wall::About;

/// Each number is looked for by itself: as a list of them it would be compared with all rows of the kind where the database takes
/// these for few, as it does of a table that was empty when the statement was prepared.
const LOG_ROWS: &str = "
    SELECT row.number, row.version, row.body FROM unnest($3::INT8[]) AS wanted (number) CROSS JOIN LATERAL (
        SELECT number, version, body FROM log WHERE service = $1 AND kind = $2 AND number = wanted.number LIMIT 1) row";
const CATALOGUE_ROW: &str =
    "SELECT version, body FROM catalogue WHERE service = $1 AND kind = $2 AND number = $3 AND name = $4";

/// Rows of one kind and service, by their numbers.
pub(crate) async fn log_rows(
    link: &Link,
    (kind, service): (&'static str, i64),
    numbers: Vec<i64>,
) -> Result<HashMap<i64, Row>, Failure> {
    let found = link.query(About::One(service), LOG_ROWS, &[&service, &kind, &numbers]).await?;
    found.iter().map(|row| Ok((row.try_get(0)?, row_of(row, 1)?))).collect()
}

pub(crate) async fn catalogue_row(link: &Link, key: &Key) -> Result<Option<Row>, Failure> {
    let (number, name) = schema::id(&key.id);
    let found = link
        .query(About::One(key.service), CATALOGUE_ROW, &[&key.service, &key.kind.name, &number, &name])
        .await?;
    found.first().map(|row| row_of(row, 0)).transpose()
}

const HOLDER_IN_LOG: &str = "
    SELECT number, ''::BYTEA, version, body FROM log WHERE service = $1 AND kind = $2 AND own_1 = $3
    UNION ALL
    SELECT number, ''::BYTEA, version, body FROM log WHERE service = $1 AND kind = $2 AND own_2 = $3";
const HOLDER: &str = "
    SELECT c.number, c.name, c.version, c.body
    FROM names n JOIN catalogue c ON c.service = n.service AND c.kind = n.kind AND c.number = n.number AND c.name = n.name
    WHERE n.service = $1 AND n.kind = $2 AND n.entry = $3 AND n.value = $4";

/// The row that holds a name of its own.
pub(crate) async fn holder(link: &Link, index: &IndexKey) -> Result<Option<(Id, Row)>, Failure> {
    let Some((name, value)) = &index.entry else { return Ok(None) };
    let (service, kind, joined) = (index.service, index.kind.name, log_name(name, value));
    let found = match index.kind.layout {
        Layout::Log => {
            link.query(About::One(service), HOLDER_IN_LOG, &[&service, &kind, &joined.as_bytes()]).await?
        }
        Layout::Catalogue => {
            link.query(About::One(service), HOLDER, &[&service, &kind, name, &value.as_bytes()]).await?
        }
    };
    found.first().map(entry).transpose()
}

/// The statements of one kind of list. `$1` is the service, `$2` the kind, `$3` the smallest number, `$4` and `$5` how
/// many and behind how many, `$6` and `$7` what is asked for by name.
struct Listed {
    count: String,
    rows: String,
}

impl Listed {
    fn new(candidates: &str, table: &str, order: &str) -> Self {
        let window = format!("{candidates} ORDER BY {order} LIMIT $4 OFFSET $5");
        let (name, also) = match table {
            "log" => ("''::BYTEA", ""),
            _ => ("c.name", " AND name = c.name"),
        };
        Self {
            count: format!("SELECT count(*) FROM ({candidates} LIMIT $4 OFFSET $5) c"),
            // Row by row, as `LOG_ROWS`.
            rows: format!(
                "SELECT c.number, {name}, t.version, t.body FROM ({window}) c CROSS JOIN LATERAL (
                     SELECT version, body FROM {table}
                     WHERE service = $1 AND kind = $2 AND number = c.number{also} LIMIT 1) t
                 ORDER BY {order}"
            ),
        }
    }
}

static ALL: LazyLock<Listed> = LazyLock::new(|| {
    let all =
        "SELECT c.number, c.name FROM catalogue c WHERE c.service = $1 AND c.kind = $2 AND c.number >= $3";
    Listed::new(all, "catalogue", "c.number, c.name")
});

// A name is asked for as a stretch of an index, in the order of that index, and no further than a page needs: with `=` the
// database would take the index of numbers, or sort the whole list, for a name that most rows have.

static NAMED: LazyLock<Listed> = LazyLock::new(|| {
    let named = "SELECT number, name FROM (SELECT number, name FROM names
        WHERE service = $1 AND kind = $2 AND (entry, value, number) >= ($6, $7, $3) AND (entry, value) <= ($6, $7)
        ORDER BY entry, value, number, name LIMIT $4::INT8 + $5::INT8) c";
    Listed::new(named, "catalogue", "c.number, c.name")
});
/// Rows without a name that others share are never listed.
static ALL_OF_LOG: LazyLock<Listed> = LazyLock::new(|| {
    let all = "SELECT c.shared_1, c.number FROM log c
        WHERE c.service = $1 AND c.kind = $2 AND c.number >= $3 AND c.shared_1 IS NOT NULL";
    Listed::new(all, "log", "c.shared_1, c.number")
});
static NAMED_IN_LOG: LazyLock<Listed> = LazyLock::new(|| {
    let shared = |column: &str| {
        format!(
            "(SELECT number FROM log
             WHERE service = $1 AND kind = $2 AND ({column}, number) >= ($6, $3) AND {column} <= $6
             ORDER BY {column}, number LIMIT $4::INT8 + $5::INT8)"
        )
    };
    let own = |column: &str| {
        format!("SELECT number FROM log WHERE service = $1 AND kind = $2 AND {column} = $6 AND number >= $3")
    };
    let columns = [shared("shared_1"), shared("shared_2"), own("own_1"), own("own_2")].join(" UNION ALL ");
    Listed::new(&format!("SELECT c.number FROM ({columns}) c"), "log", "c.number")
});

pub(crate) async fn rows(link: &Link, index: &IndexKey, page: Page) -> Result<Rows, Failure> {
    let named = index.entry.is_some();
    let list: &'static Listed = match index.kind.layout {
        Layout::Log if named => &NAMED_IN_LOG,
        Layout::Log => &ALL_OF_LOG,
        Layout::Catalogue if named => &NAMED,
        Layout::Catalogue => &ALL,
    };
    let (name, value) = index.entry.as_ref().map_or(("", ""), |(name, value)| (*name, value.as_str()));
    let (joined, value) = (log_name(name, value), value.as_bytes());
    let joined = joined.as_bytes();
    let wanted = |limit: usize, offset: usize| (as_i64(limit), as_i64(offset));
    let (window, whole) = (wanted(page.limit(), page.start), wanted(page.counted, 0));
    let asked = async |sql: &'static str, (limit, offset): (i64, i64)| {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut parameters: Vec<&(dyn ToSql + Sync)> =
            vec![&index.service, &index.kind.name, &index.from, &limit, &offset];
        match index.kind.layout {
            _ if !named => {}
            Layout::Log => parameters.push(&joined),
            Layout::Catalogue => parameters.extend([&name as &(dyn ToSql + Sync), &value]),
        }
        link.query(About::One(index.service), sql, &parameters).await
    };
    let (found, counted) = tokio::join!(asked(&list.rows, window), asked(&list.count, whole));
    let total: i64 = counted?.first().map_or(Ok(0), |row| row.try_get(0))?;
    Ok(Rows {
        rows: found?.iter().map(entry).collect::<Result<_, _>>()?,
        total: usize::try_from(total).unwrap_or_default(),
    })
}

fn entry(row: &tokio_postgres::Row) -> Result<(Id, Row), Failure> {
    let id =
        schema::id_of(row.try_get(0)?, row.try_get(1)?).ok_or_else(|| Failure::text("a row has no id"))?;
    Ok((id, row_of(row, 2)?))
}

/// The version in a column, and the body in the one behind it.
fn row_of(row: &tokio_postgres::Row, column: usize) -> Result<Row, Failure> {
    Ok(Row { version: row.try_get(column)?, body: row.try_get::<_, Vec<u8>>(column + 1)?.into() })
}

fn as_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

    use tokio_postgres::types::Type;
    use tokio_postgres::{Client, SimpleQueryMessage};

    use super::*;
    use crate::schema::tests::{database, execute, runtime};
    use crate::work::Database;
    use crate::{Postgres, PostgresConfig, commit};

    /// Its plan, as it is kept when nothing is known of what it will be asked for.
    async fn plan(client: &Client, sql: &str) -> String {
        let parameters = client.prepare(sql).await.unwrap().params().to_vec();
        let value = |of: &Type| match *of {
            Type::INT8 => "1",
            Type::INT8_ARRAY => "'{1,2,3}'",
            _ => "'1'",
        };
        let values: Vec<_> = parameters.iter().map(value).collect();
        let explained = format!(
            "SET plan_cache_mode = force_generic_plan; PREPARE asked AS {sql}; EXPLAIN EXECUTE asked ({}); DEALLOCATE asked",
            values.join(", ")
        );
        let said = client.simple_query(&explained).await.unwrap();
        let lines = said.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    async fn good_plans(config: &PostgresConfig, statements: &[&str]) {
        let link = Link::connect(&Database::new(config).unwrap()).await.unwrap();
        for sql in statements {
            let plan = plan(link.client(), sql).await;
            // Version and number are looked at in the one row that there is, and rows of a kind that is listed have a name that they
            // share.
            let passes = |line: &str| {
                let known = ["(version =", "(number >=", "(shared_1 IS NOT NULL)"];
                let known = known.iter().any(|known| line.contains(known));
                let passed = ["Seq Scan", "Bitmap"].iter().any(|scan| line.contains(scan));
                passed || line.contains("Filter:") && !known
            };
            assert!(!plan.lines().any(passes), "{sql}\n{plan}");
        }
    }

    const OF_REQUESTS: [&str; 3] = [LOG_ROWS, CATALOGUE_ROW, HOLDER_IN_LOG];

    /// A plan is kept for as long as its connection, or until the database looks at its tables: the first ones are made when there is
    /// next to nothing in them.
    #[test]
    fn plans_of_an_empty_store_are_good_for_a_full_one() {
        let Some(config) = database() else { return };
        drop(runtime().block_on(Postgres::open(&config)).unwrap());
        let some = "INSERT INTO log (service, kind, number, version, body) SELECT 1, 'k', n, 1, '' FROM generate_series(1, 5) n;
            ANALYZE log; ANALYZE catalogue; ANALYZE names";
        let statements = [&OF_REQUESTS[..], &commit::BY_KEY].concat();
        for rows in ["", some] {
            execute(&config.url, rows);
            runtime().block_on(good_plans(&config, &statements));
        }
    }

    #[test]
    fn every_plan_of_a_full_store_reads_what_it_shows() {
        let Some(config) = database() else { return };
        drop(runtime().block_on(Postgres::open(&config)).unwrap());
        let many = "INSERT INTO log (service, kind, number, version, body, shared_1)
            SELECT n % 3, 'k' || n % 5, n, 1, '', ('s' || n / 10)::BYTEA FROM generate_series(1, 20000) n;
            INSERT INTO catalogue (service, kind, number, name, version, body)
            SELECT n % 3, 'k' || n % 5, n, '', 1, '' FROM generate_series(1, 20000) n;
            INSERT INTO names (service, kind, entry, value, number, name, once)
            SELECT n % 3, 'k' || n % 5, 'e', n::TEXT::BYTEA, n, '', TRUE FROM generate_series(1, 20000) n;
            ANALYZE log; ANALYZE catalogue; ANALYZE names";
        execute(&config.url, many);
        let lists = [&ALL, &NAMED, &ALL_OF_LOG, &NAMED_IN_LOG];
        let lists = lists.iter().flat_map(|list| [list.rows.as_str(), list.count.as_str()]);
        let statements: Vec<_> =
            OF_REQUESTS.into_iter().chain([HOLDER]).chain(commit::BY_KEY).chain(lists).collect();
        runtime().block_on(good_plans(&config, &statements));
    }
    /// The name of a client that nearly all tokens are of.
    #[test]
    fn a_name_that_most_rows_have_is_looked_for_in_its_index() {
        let Some(config) = database() else { return };
        drop(runtime().block_on(Postgres::open(&config)).unwrap());
        let many = "INSERT INTO log (service, kind, number, version, body, shared_1, own_1)
            SELECT 1, 'k', n, 1, '', 'all', ('o' || n)::BYTEA FROM generate_series(1, 100000) n;
            INSERT INTO catalogue (service, kind, number, name, version, body)
            SELECT 1, 'k', n, '', 1, '' FROM generate_series(1, 100000) n;
            INSERT INTO names (service, kind, entry, value, number, name, once)
            SELECT 1, 'k', 'e', 'all', n, '', FALSE FROM generate_series(1, 100000) n;
            ANALYZE log; ANALYZE catalogue; ANALYZE names";
        execute(&config.url, many);
        let statements =
            [&*NAMED.rows, &*NAMED.count, &*NAMED_IN_LOG.rows, &*NAMED_IN_LOG.count, &*ALL_OF_LOG.rows];
        runtime().block_on(good_plans(&config, &statements));
    }
}
