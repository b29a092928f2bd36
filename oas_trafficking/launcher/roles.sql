-- The two roles of the portal and its database. Idempotent; run by a superuser in psql, which reads the passwords
-- from its environment. The owner migrates; the application owns nothing and never bypasses row-level security.
\set ON_ERROR_STOP on
\getenv owner_password OAS_OWNER_PASSWORD
\getenv app_password OAS_APP_PASSWORD
SELECT 'CREATE ROLE oas_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'oas_owner') \gexec
SELECT 'CREATE ROLE oas_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'oas_app') \gexec
ALTER ROLE oas_owner LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE oas_app LOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD :'app_password';
-- The owner may act as the application, never the other way round.
GRANT oas_app TO oas_owner;
SELECT 'CREATE DATABASE portal OWNER oas_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'portal') \gexec
