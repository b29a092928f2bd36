"""Consent before anything is kept, and who works on a case."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from core.db import home_rules

TABLES = r"""
SET LOCAL ROLE oas_sealed_owner;
CREATE TABLE sealed.consent (
    state text NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('storage', 'service', 'recipient', 'statistics')),
    recipient text NOT NULL CHECK (recipient ~ '^([A-Z]{2})?$'),
    classes varchar(12)[] NOT NULL CHECK (classes <@ ARRAY['identity', 'narrative', 'quasi']::varchar[]),
    given boolean NOT NULL,
    given_on date NOT NULL,
    expires_on date CHECK (expires_on > given_on),
    taken_by text NOT NULL,
    withdrawn_at timestamptz,
    body bytea NOT NULL CHECK (sealed.is_sealed(body)),
    CHECK ((purpose = 'recipient') = (recipient <> '')),
    CHECK (NOT given OR classes <> '{}'),
    PRIMARY KEY (state, id), FOREIGN KEY (state, case_id) REFERENCES sealed.case_file (state, id));
CREATE INDEX consent_of_case ON sealed.consent (state, case_id);
CREATE TABLE sealed.team (
    state text NOT NULL,
    case_id uuid NOT NULL,
    user_id text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz CHECK (until >= since),
    added_by text NOT NULL,
    PRIMARY KEY (state, case_id, user_id), FOREIGN KEY (state, case_id) REFERENCES sealed.case_file (state, id));
CREATE INDEX team_of_person ON sealed.team (state, user_id);
-- Asked when the transaction ends, because the consent names the case and is written after it.
CREATE FUNCTION sealed.case_has_consent() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM sealed.consent c WHERE c.state = NEW.state AND c.case_id = NEW.id
                   AND c.purpose = 'storage' AND c.given)
    THEN RAISE EXCEPTION 'no case without consent to keep it' USING errcode = 'check_violation'; END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION sealed.consent_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL OR NOT OLD.given
    THEN RAISE EXCEPTION 'what was withdrawn or refused stays so' USING errcode = 'check_violation'; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION sealed.taken_by_the_caller() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) ->> TG_ARGV[0] IS DISTINCT FROM ctx.user_id()
    THEN RAISE EXCEPTION 'in the name of somebody else' USING errcode = 'check_violation'; END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION sealed.case_has_consent(), sealed.consent_step(), sealed.taken_by_the_caller() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER case_has_consent AFTER INSERT ON sealed.case_file
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sealed.case_has_consent();
CREATE TRIGGER consent_step BEFORE UPDATE ON sealed.consent
    FOR EACH ROW EXECUTE FUNCTION sealed.consent_step();
CREATE TRIGGER consent_taken_by BEFORE INSERT ON sealed.consent
    FOR EACH ROW EXECUTE FUNCTION sealed.taken_by_the_caller('taken_by');
CREATE TRIGGER case_created_by BEFORE INSERT ON sealed.case_file
    FOR EACH ROW EXECUTE FUNCTION sealed.taken_by_the_caller('created_by');
CREATE TRIGGER team_added_by BEFORE INSERT ON sealed.team
    FOR EACH ROW EXECUTE FUNCTION sealed.taken_by_the_caller('added_by');
"""
RULES = home_rules("sealed.consent", change="withdrawn_at") + home_rules("sealed.team", change="until") + "RESET ROLE;"
REVERSE = """
DROP TABLE sealed.team; DROP TABLE sealed.consent;
DROP TRIGGER case_has_consent ON sealed.case_file; DROP TRIGGER case_created_by ON sealed.case_file;
DROP FUNCTION sealed.case_has_consent(); DROP FUNCTION sealed.consent_step(); DROP FUNCTION sealed.taken_by_the_caller();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("victims", "0001_wall"),
    ]

    operations = [
        migrations.RunSQL(TABLES + RULES, REVERSE),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "state", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=2)),
                ("id", models.UUIDField(default=uuid.uuid4)),
                ("case_id", models.UUIDField()),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("storage", "Storage"),
                            ("service", "Service"),
                            ("recipient", "Recipient"),
                            ("statistics", "Statistics"),
                        ],
                        max_length=12,
                    ),
                ),
                ("recipient", models.CharField(blank=True, max_length=2)),
                (
                    "classes",
                    ArrayField(
                        base_field=models.CharField(
                            choices=[("identity", "Identity"), ("narrative", "Narrative"), ("quasi", "Quasi")],
                            max_length=12,
                        ),
                        size=None,
                    ),
                ),
                ("given", models.BooleanField()),
                ("given_on", models.DateField()),
                ("expires_on", models.DateField(null=True)),
                ("taken_by", models.CharField(max_length=36)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("body", models.BinaryField()),
            ],
            options={
                "db_table": 'sealed"."consent',
                "ordering": ("-given_on",),
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "state", "case_id", "user_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=2)),
                ("case_id", models.UUIDField()),
                ("user_id", models.CharField(max_length=36)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("added_by", models.CharField(max_length=36)),
            ],
            options={
                "db_table": 'sealed"."team',
                "managed": False,
            },
        ),
    ]
