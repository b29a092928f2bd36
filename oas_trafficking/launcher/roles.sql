-- The roles of the portal and its database. Idempotent; run by a superuser in psql, which reads the passwords
-- from its environment. The owner migrates; the application owns nothing and never bypasses row-level security.
\set ON_ERROR_STOP on
\getenv owner_password OAS_OWNER_PASSWORD
\getenv app_password OAS_APP_PASSWORD
\getenv case_password OAS_CASE_PASSWORD
\getenv keys_password OAS_KEYS_PASSWORD
\getenv backup_password OAS_BACKUP_PASSWORD
\getenv replica_password OAS_REPLICA_PASSWORD
SELECT 'CREATE ROLE oas_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'oas_owner') \gexec
SELECT 'CREATE ROLE oas_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'oas_app') \gexec
ALTER ROLE oas_owner LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE oas_app LOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD :'app_password';
-- The owner may act as the application, never the other way round.
GRANT oas_app TO oas_owner;
-- The sealed area. oas_sealed works in it and owns nothing; oas_case, the login of processes that serve the area, has
-- no right at all until a transaction enters oas_sealed by the door, which inherits nothing. oas_app is no member.
-- NOINHERIT comes before the grant: from PostgreSQL 16 on it is fixed there.
SELECT format('CREATE ROLE %I NOLOGIN', name) FROM unnest(ARRAY['oas_sealed_owner', 'oas_sealed', 'oas_sealed_door']) name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE oas_sealed_door NOINHERIT;
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['oas_case', 'oas_keys', 'oas_backup']) name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE oas_case LOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD :'case_password';
ALTER ROLE oas_keys LOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD :'keys_password';
-- Reads everything and changes nothing: dumps, which row-level security would otherwise refuse.
ALTER ROLE oas_backup LOGIN NOCREATEDB NOSUPERUSER BYPASSRLS PASSWORD :'backup_password';
GRANT pg_read_all_data TO oas_backup;
GRANT oas_sealed TO oas_sealed_door;
GRANT oas_sealed_door TO oas_case;
GRANT oas_sealed_owner TO oas_owner;
-- Copies the cluster as a whole, for base backups and standbys: made only where a password is given for it.
\if :{?replica_password}
SELECT 'CREATE ROLE oas_replica' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'oas_replica') \gexec
ALTER ROLE oas_replica LOGIN REPLICATION NOCREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD :'replica_password';
\endif
SELECT 'CREATE DATABASE portal OWNER oas_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'portal') \gexec
