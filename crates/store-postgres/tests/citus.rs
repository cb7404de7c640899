//! `deploy/postgres/citus.sql` fits the tables. There is no Citus here: its functions are played by ones that look at what it
//! demands of a table. `interop/postgres/run` starts the server.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use common::{database, execute, opened, server};

/// A unique index has to hold the column that rows are spread by; tables that stand together are spread by the same type.
const PLAYED: &str = "
    CREATE TABLE spread (name TEXT PRIMARY KEY, type TEXT NOT NULL);
    CREATE FUNCTION create_distributed_table(
        table_name REGCLASS, distribution_column TEXT, distribution_type TEXT DEFAULT 'hash',
        colocate_with TEXT DEFAULT 'default', shard_count INT DEFAULT NULL) RETURNS VOID LANGUAGE plpgsql AS $$
    DECLARE the_column INT2; the_type TEXT;
    BEGIN
        SELECT attnum, format_type(atttypid, atttypmod) INTO STRICT the_column, the_type FROM pg_attribute
            WHERE attrelid = table_name AND attname = distribution_column AND attnotnull;
        IF EXISTS (SELECT FROM pg_index WHERE indrelid = table_name AND indisunique AND the_column <> ALL (indkey::INT2[])) THEN
            RAISE EXCEPTION 'a unique index of % does not hold %', table_name, distribution_column;
        END IF;
        IF colocate_with <> 'none' THEN
            PERFORM FROM spread WHERE name = colocate_with AND type = the_type;
            IF NOT FOUND THEN RAISE EXCEPTION '% does not fit %', table_name, colocate_with; END IF;
        END IF;
        INSERT INTO spread VALUES (table_name::TEXT, the_type);
    END $$;";

#[test]
fn the_script_for_citus_fits_the_tables() {
    let Some(server) = server() else { return };
    let config = database(&server);
    drop(opened(&config));
    let script = include_str!("../../../deploy/postgres/citus.sql");
    let played = script.replace("CREATE EXTENSION IF NOT EXISTS citus;", PLAYED);
    assert_ne!(played, script);
    execute(&config.url, &played);
    // All of them, but the mark: whoever adds a table has to think of it.
    let left = "DO $$ BEGIN
        IF EXISTS (SELECT FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND relname NOT IN (SELECT name FROM spread) AND relname NOT IN ('spread', 'format')) THEN
            RAISE EXCEPTION 'a table is left out';
        END IF; END $$";
    execute(&config.url, left);
}
