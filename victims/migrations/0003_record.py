"""What a record holds beside identity and facts, and what one person asks and another decides."""

import uuid

from django.db import migrations, models

from core.db import home_rules

TABLES = r"""
SET LOCAL ROLE oas_sealed_owner;
ALTER TABLE sealed.case_file
    ADD COLUMN version int NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN standing text NOT NULL DEFAULT 'possible' CHECK (standing IN ('possible', 'confirmed', 'not_a_victim')),
    ADD COLUMN elements varchar(8)[] NOT NULL DEFAULT '{}'
        CHECK (elements <@ ARRAY['act', 'means', 'purpose']::varchar[]),
    ADD COLUMN closed date,
    ADD COLUMN review_on date,
    ADD CHECK (standing <> 'confirmed' OR elements @> ARRAY['act', 'means', 'purpose']::varchar[]),
    ADD CHECK (status <> 'closed' OR (closed IS NOT NULL AND review_on > closed));
GRANT UPDATE (version, standing, elements, closed, review_on) ON sealed.case_file TO oas_sealed;
ALTER TABLE sealed.identity ADD COLUMN version int NOT NULL DEFAULT 1 CHECK (version > 0);
GRANT UPDATE (version) ON sealed.identity TO oas_sealed;
CREATE TABLE sealed.entry (
    state text NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('safety', 'need', 'goal', 'step', 'service', 'protection', 'interview', 'event',
        'note', 'task', 'exit')),
    parent uuid,
    status text NOT NULL CHECK (status IN ('open', 'done', 'dropped')),
    due_on date,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    changed date NOT NULL,
    version int NOT NULL CHECK (version > 0),
    body bytea NOT NULL CHECK (sealed.is_sealed(body)),
    CHECK (kind <> 'task' OR due_on IS NOT NULL),
    CHECK ((kind = 'step') = (parent IS NOT NULL)),
    PRIMARY KEY (state, id), FOREIGN KEY (state, case_id) REFERENCES sealed.case_file (state, id),
    FOREIGN KEY (state, parent) REFERENCES sealed.entry (state, id));
CREATE INDEX entry_of_case ON sealed.entry (state, case_id, kind);
CREATE INDEX entry_due ON sealed.entry (state, due_on) WHERE status = 'open' AND kind = 'task';
CREATE TABLE sealed.approval (
    state text NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    question text NOT NULL CHECK (question IN ('plan', 'closure', 'identity', 'emergency')),
    reason text NOT NULL CHECK (reason IN ('assistance', 'safety', 'judicial', 'supervision')),
    decision text NOT NULL CHECK (decision IN ('asked', 'approved', 'returned')),
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    decided_by text CHECK (decided_by <> asked_by),
    decided_at timestamptz CHECK (decided_at >= asked_at),
    until timestamptz,
    body bytea CHECK (sealed.is_sealed(body)),
    CHECK ((decision = 'asked') = (decided_by IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    PRIMARY KEY (state, id), FOREIGN KEY (state, case_id) REFERENCES sealed.case_file (state, id));
CREATE INDEX approval_of_case ON sealed.approval (state, case_id);
CREATE UNIQUE INDEX approval_asked_once ON sealed.approval (state, case_id, question)
    WHERE decision = 'asked' AND question IN ('plan', 'closure');
CREATE FUNCTION sealed.case_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN ('open>closed', 'closed>erased')
    THEN RAISE EXCEPTION 'a case is not opened again' USING errcode = 'check_violation'; END IF;
    IF NEW.status = 'closed' AND OLD.status = 'open' AND NOT EXISTS (
        SELECT 1 FROM sealed.approval a WHERE a.state = NEW.state AND a.case_id = NEW.id
            AND a.question = 'closure' AND a.decision = 'approved')
    THEN RAISE EXCEPTION 'a second person closes a case' USING errcode = 'check_violation'; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION sealed.entry_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM sealed.case_file c WHERE c.state = NEW.state AND c.id = NEW.case_id
                   AND c.status = 'open')
    THEN RAISE EXCEPTION 'nothing is written into a closed case' USING errcode = 'check_violation'; END IF;
    RETURN NEW;
END $$;
-- An emergency lasts an hour by the database's clock. Until somebody has reviewed it, the same person begins no other.
CREATE FUNCTION sealed.approval_asked() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.decision <> 'asked' THEN
        RAISE EXCEPTION 'asked first, decided later' USING errcode = 'check_violation';
    END IF;
    NEW.asked_at := clock_timestamp();
    NEW.until := NULL;
    IF NEW.question = 'emergency' THEN
        IF EXISTS (SELECT 1 FROM sealed.approval a WHERE a.state = NEW.state AND a.asked_by = NEW.asked_by
                   AND a.question = 'emergency' AND a.decision = 'asked')
        THEN RAISE EXCEPTION 'an emergency waits for its review' USING errcode = 'check_violation'; END IF;
        NEW.until := NEW.asked_at + interval '60 minutes';
    END IF;
    RETURN NEW;
END $$;
-- Decided once, by a second person who holds the role; the role stands in the signed context.
CREATE FUNCTION sealed.approval_decided() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    roles text[] := string_to_array(ctx.claim(3), ',');
    wanted text[] := CASE OLD.question WHEN 'identity' THEN ARRAY['custodian']
        WHEN 'emergency' THEN ARRAY['case_supervisor', 'custodian'] ELSE ARRAY['case_supervisor'] END;
BEGIN
    IF OLD.decision <> 'asked' OR NEW.decision = 'asked' OR NEW.decided_by IS DISTINCT FROM ctx.user_id()
       OR NOT coalesce(roles && wanted, false)
    THEN RAISE EXCEPTION 'not theirs to decide' USING errcode = 'check_violation'; END IF;
    NEW.decided_at := clock_timestamp();
    NEW.until := CASE WHEN OLD.question = 'identity' AND NEW.decision = 'approved'
        THEN NEW.decided_at + interval '24 hours' ELSE OLD.until END;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION sealed.case_step(), sealed.entry_step(), sealed.approval_asked(), sealed.approval_decided()
    FROM PUBLIC;
CREATE TRIGGER case_step BEFORE UPDATE ON sealed.case_file
    FOR EACH ROW EXECUTE FUNCTION sealed.case_step();
CREATE TRIGGER entry_step BEFORE INSERT OR UPDATE ON sealed.entry
    FOR EACH ROW EXECUTE FUNCTION sealed.entry_step();
CREATE TRIGGER entry_made_by BEFORE INSERT ON sealed.entry
    FOR EACH ROW EXECUTE FUNCTION sealed.taken_by_the_caller('made_by');
CREATE TRIGGER approval_asked BEFORE INSERT ON sealed.approval
    FOR EACH ROW EXECUTE FUNCTION sealed.approval_asked();
CREATE TRIGGER approval_asked_by BEFORE INSERT ON sealed.approval
    FOR EACH ROW EXECUTE FUNCTION sealed.taken_by_the_caller('asked_by');
CREATE TRIGGER approval_decided BEFORE UPDATE ON sealed.approval
    FOR EACH ROW EXECUTE FUNCTION sealed.approval_decided();
"""
RULES = "".join(
    [
        home_rules("sealed.entry", change="status, due_on, changed, version, body"),
        home_rules("sealed.approval", change="decision, decided_by, decided_at, until, body"),
        "RESET ROLE;",
    ]
)
REVERSE = """
DROP TRIGGER case_step ON sealed.case_file;
DROP TABLE sealed.approval; DROP TABLE sealed.entry;
DROP FUNCTION sealed.case_step(); DROP FUNCTION sealed.entry_step();
DROP FUNCTION sealed.approval_asked(); DROP FUNCTION sealed.approval_decided();
ALTER TABLE sealed.identity DROP COLUMN version;
ALTER TABLE sealed.case_file DROP COLUMN version, DROP COLUMN standing, DROP COLUMN elements, DROP COLUMN closed,
    DROP COLUMN review_on;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("victims", "0002_consent_and_team"),
    ]

    operations = [
        migrations.RunSQL(TABLES + RULES, REVERSE),
        migrations.CreateModel(
            name="Approval",
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
                    "question",
                    models.CharField(
                        choices=[
                            ("plan", "Approval of the plan"),
                            ("closure", "Closing of the case"),
                            ("identity", "Sight of the identity"),
                            ("emergency", "Emergency access, to be reviewed"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("assistance", "To assist the person"),
                            ("safety", "Safety of the person"),
                            ("judicial", "A judicial proceeding"),
                            ("supervision", "Supervision of the case"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[("asked", "Waits for a decision"), ("approved", "Approved"), ("returned", "Returned")],
                        default="asked",
                        max_length=8,
                    ),
                ),
                ("asked_by", models.CharField(max_length=36)),
                ("asked_at", models.DateTimeField()),
                ("decided_by", models.CharField(max_length=36, null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("body", models.BinaryField(null=True)),
            ],
            options={
                "db_table": 'sealed"."approval',
                "ordering": ("-asked_at", "id"),
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Entry",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("safety", "Immediate safety"),
                            ("need", "Need"),
                            ("goal", "Goal of the life project"),
                            ("step", "Step towards a goal"),
                            ("service", "Service"),
                            ("protection", "Protection measure"),
                            ("interview", "Interview or statement"),
                            ("event", "What happened, where and when"),
                            ("note", "Note"),
                            ("task", "Task"),
                            ("exit", "Exit plan"),
                        ],
                        max_length=12,
                    ),
                ),
                ("parent", models.UUIDField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("done", "Done"), ("dropped", "Given up")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("due_on", models.DateField(null=True)),
                ("made_by", models.CharField(max_length=36)),
                ("made_at", models.DateTimeField()),
                ("changed", models.DateField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("body", models.BinaryField()),
            ],
            options={
                "db_table": 'sealed"."entry',
                "ordering": ("due_on", "made_at", "id"),
                "managed": False,
            },
        ),
    ]
