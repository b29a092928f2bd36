"""The wall: schemas, the context that the database checks, and the first tables behind it (docs/adr/0050).

Roles are made before, by a superuser (launcher/roles.sql). The owner of the area owns all of this and has no login.
"""

import uuid

from django.db import migrations, models

from core.db import home_rules

# app.ctx = state|user|roles|expiry|mac. The MAC covers the server process, so a token overheard on one connection is
# worth nothing on another. HMAC by hand, from its two pads: pgcrypto is an extension that not every server has.
CONTEXT = r"""
CREATE SCHEMA ctx AUTHORIZATION oas_sealed_owner;
CREATE SCHEMA sealed AUTHORIZATION oas_sealed_owner;
CREATE SCHEMA keys AUTHORIZATION oas_sealed_owner;
SET LOCAL ROLE oas_sealed_owner;
CREATE TABLE ctx.signing_key (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    inner_pad bytea NOT NULL UNIQUE CHECK (octet_length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (octet_length(outer_pad) = 64));
CREATE FUNCTION ctx.claim(n int) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE p text[] := string_to_array(nullif(current_setting('app.ctx', true), ''), '|');
BEGIN
    IF p IS NULL OR array_length(p, 1) <> 5 OR p[4] !~ '^\d{1,12}$' THEN RETURN NULL; END IF;
    IF p[4]::bigint < extract(epoch FROM clock_timestamp()) THEN RETURN NULL; END IF;
    IF NOT EXISTS (SELECT 1 FROM ctx.signing_key WHERE p[5] = encode(sha256(outer_pad || sha256(
        inner_pad || convert_to(array_to_string(p[1:4], '|') || '|' || pg_backend_pid(), 'utf8'))), 'hex'))
    THEN RETURN NULL; END IF;
    RETURN p[n];
END $$;
CREATE FUNCTION ctx.state() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS 'SELECT ctx.claim(1)';
CREATE FUNCTION ctx.user_id() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS 'SELECT ctx.claim(2)';
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ctx FROM PUBLIC;
GRANT USAGE ON SCHEMA ctx TO oas_sealed, oas_keys;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ctx TO oas_sealed, oas_keys;
GRANT USAGE ON SCHEMA sealed TO oas_sealed;
GRANT USAGE ON SCHEMA keys TO oas_keys;
-- A header of format 1 and a size of the buckets: a text that nobody sealed does not pass.
CREATE FUNCTION sealed.is_sealed(body bytea) RETURNS boolean LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT substring(body FROM 1 FOR 2) = '\x0101'::bytea
       AND octet_length(body) - 30 IN (256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216) $$;
REVOKE EXECUTE ON FUNCTION sealed.is_sealed(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sealed.is_sealed(bytea) TO oas_sealed;
"""
TABLES = r"""
CREATE TABLE sealed.case_file (
    state text NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
    id uuid NOT NULL,
    token text NOT NULL CHECK (token ~ '^[\w-]{22}$'),
    code text NOT NULL CHECK (code ~ '^[A-Z]{2}-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{2}$'),
    status text NOT NULL CHECK (status IN ('open', 'closed', 'erased')),
    opened date NOT NULL,
    changed date NOT NULL,
    created_by text NOT NULL,
    facts bytea CHECK (sealed.is_sealed(facts)),
    PRIMARY KEY (state, id), UNIQUE (state, token), UNIQUE (state, code));
CREATE TABLE sealed.identity (
    state text NOT NULL,
    id uuid NOT NULL,
    body bytea NOT NULL CHECK (sealed.is_sealed(body)),
    changed date NOT NULL,
    PRIMARY KEY (state, id), FOREIGN KEY (state, id) REFERENCES sealed.case_file (state, id));
CREATE TABLE keys.record_key (
    state text NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
    record uuid NOT NULL,
    field_class text NOT NULL CHECK (field_class IN ('identity', 'narrative', 'quasi')),
    generation int NOT NULL CHECK (generation > 0),
    kek_version int NOT NULL CHECK (kek_version > 0),
    wrapped bytea NOT NULL UNIQUE CHECK (octet_length(wrapped) = 60),
    PRIMARY KEY (state, record, field_class));
"""
REVERSE = "DROP SCHEMA keys CASCADE; DROP SCHEMA sealed CASCADE; DROP SCHEMA ctx CASCADE;"
RULES = "".join(
    [
        home_rules("sealed.case_file", change="status, changed, facts"),
        home_rules("sealed.identity", change="body, changed"),
        home_rules("keys.record_key", role="oas_keys", change="kek_version, wrapped"),
        "RESET ROLE;",
    ]
)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(CONTEXT + TABLES + RULES, REVERSE),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "state", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=2)),
                ("id", models.UUIDField(default=uuid.uuid4)),
                ("token", models.CharField(max_length=22)),
                ("code", models.CharField(max_length=10)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("closed", "Closed"), ("erased", "Erased")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("opened", models.DateField()),
                ("changed", models.DateField()),
                ("created_by", models.CharField(max_length=36)),
                ("facts", models.BinaryField(null=True)),
            ],
            options={
                "db_table": 'sealed"."case_file',
                "ordering": ("-opened", "code"),
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "state", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=2)),
                ("id", models.UUIDField(default=uuid.uuid4)),
                ("body", models.BinaryField()),
                ("changed", models.DateField()),
            ],
            options={
                "db_table": 'sealed"."identity',
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RecordKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "state", "record", "field_class", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=2)),
                ("record", models.UUIDField()),
                (
                    "field_class",
                    models.CharField(
                        choices=[
                            ("identity", "Identity"),
                            ("narrative", "What was told and done"),
                            ("quasi", "Facts of the case"),
                        ],
                        max_length=12,
                    ),
                ),
                ("generation", models.PositiveIntegerField(default=1)),
                ("kek_version", models.PositiveIntegerField()),
                ("wrapped", models.BinaryField()),
            ],
            options={
                "db_table": 'keys"."record_key',
                "managed": False,
            },
        ),
    ]
