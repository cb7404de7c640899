-- Spreads the tables of placet over the workers of a Citus cluster, by service: all that belongs to one is on one of them.
--
-- To be run on the coordinator, as the owner of the tables, when they are there (`placet migrate`) and before nodes serve:
--
--     psql --set ON_ERROR_STOP=1 --single-transaction --file citus.sql DATABASE
--
-- Nodes connect to the coordinator and to nothing else: announcements of changes are made and heard there.
-- `postgres.row_security` stays off: policies with subqueries, and settings of a connection, do not reach the workers.

CREATE EXTENSION IF NOT EXISTS citus;

SELECT create_distributed_table('log', 'service', colocate_with => 'none');
SELECT create_distributed_table('catalogue', 'service', colocate_with => 'log');
SELECT create_distributed_table('names', 'service', colocate_with => 'log');

-- `format` is one row, which whoever starts reads and locks. It stays on the coordinator.
