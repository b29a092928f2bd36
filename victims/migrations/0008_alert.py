"""Alerts on unusual browsing (docs/adr/0126): made by the watch alone, closed once and by somebody else."""

import uuid

from django.db import migrations, models
from django.db.models.functions import Now

from core.db import home_rules

TABLES = r"""
SET LOCAL ROLE oas_sealed_owner;
CREATE TABLE sealed.alert (
    state text NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('many', 'night', 'reveals', 'misses', 'exports', 'searches')),
    subject text NOT NULL,
    day date NOT NULL,
    number int NOT NULL CHECK (number > 0),
    usual int NOT NULL CHECK (usual >= 0),
    found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    outcome text CHECK (outcome IN ('explained', 'reminded', 'reported')),
    closed_by text CHECK (closed_by <> subject),
    closed_at timestamptz,
    body bytea CHECK (sealed.is_sealed(body)),
    CHECK (num_nulls(outcome, closed_by, closed_at, body) IN (0, 4)),
    PRIMARY KEY (state, id), UNIQUE (state, subject, kind, day));
CREATE FUNCTION sealed.alert_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE roles text[] := string_to_array(ctx.claim(3), ',');
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF ctx.user_id() <> 'watch' OR NEW.outcome IS NOT NULL
        THEN RAISE EXCEPTION 'the watch alone raises an alert' USING errcode = 'check_violation'; END IF;
        RETURN NEW;
    END IF;
    IF OLD.closed_by IS NOT NULL OR NEW.closed_by IS DISTINCT FROM ctx.user_id()
       OR NOT coalesce(roles && ARRAY['case_supervisor', 'custodian'], false)
    THEN RAISE EXCEPTION 'not theirs to close' USING errcode = 'check_violation'; END IF;
    NEW.closed_at := clock_timestamp();
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION sealed.alert_step() FROM PUBLIC;
CREATE TRIGGER alert_step BEFORE INSERT OR UPDATE ON sealed.alert
    FOR EACH ROW EXECUTE FUNCTION sealed.alert_step();
"""
RULES = home_rules("sealed.alert", change="outcome, closed_by, closed_at, body") + "RESET ROLE;"
REVERSE = "DROP TABLE sealed.alert; DROP FUNCTION sealed.alert_step();"


class Migration(migrations.Migration):
    dependencies = [
        ("victims", "0006_search"),
    ]

    operations = [
        migrations.RunSQL(TABLES + RULES, REVERSE),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "state", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=2)),
                ("id", models.UUIDField(default=uuid.uuid4)),
                ("kind", models.CharField(max_length=8)),
                ("subject", models.CharField(max_length=36)),
                ("day", models.DateField()),
                ("number", models.PositiveIntegerField()),
                ("usual", models.PositiveIntegerField()),
                ("found_at", models.DateTimeField(db_default=Now())),
                ("outcome", models.CharField(max_length=10, null=True)),
                ("closed_by", models.CharField(max_length=36, null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("body", models.BinaryField(null=True)),
            ],
            options={
                "db_table": 'sealed"."alert',
                "ordering": ("-day", "-found_at"),
                "managed": False,
            },
        ),
    ]
