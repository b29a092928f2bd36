"""How long a record is kept, and how it ends: by two people, in one statement, with nothing left to open (ADR 120)."""

import uuid

from django.db import migrations, models
from django.db.models.functions import Now

from core.db import home_rules

TABLES = r"""
SET LOCAL ROLE oas_sealed_owner;
CREATE TABLE sealed.retention_rule (
    state text NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
    standing text NOT NULL CHECK (standing IN ('possible', 'confirmed', 'not_a_victim')),
    years int NOT NULL CHECK (years BETWEEN 1 AND 30),
    set_by text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (state, standing));
CREATE TABLE sealed.disposal (
    state text NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    cause text NOT NULL CHECK (cause IN ('due', 'consent', 'request')),
    stage text NOT NULL CHECK (stage IN ('proposed', 'asked', 'kept')),
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text CHECK (reason IN ('period_over', 'consent_withdrawn', 'person_asked', 'mistake')),
    asked_by text,
    asked_at timestamptz,
    decided_by text,
    decided_at timestamptz,
    body bytea CHECK (sealed.is_sealed(body)),
    CHECK ((stage = 'asked') = (asked_by IS NOT NULL)),
    CHECK (num_nulls(asked_by, asked_at, reason) IN (0, 3)),
    CHECK ((stage = 'kept') = (decided_by IS NOT NULL)),
    CHECK (num_nulls(decided_by, decided_at) IN (0, 2)),
    CHECK (stage <> 'kept' OR cause <> 'consent'),
    PRIMARY KEY (state, id), FOREIGN KEY (state, case_id) REFERENCES sealed.case_file (state, id));
CREATE UNIQUE INDEX disposal_once ON sealed.disposal (state, case_id) WHERE stage <> 'kept';
CREATE TABLE sealed.legal_hold (
    state text NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    reason text NOT NULL CHECK (reason IN ('court', 'investigation', 'claim', 'oversight')),
    set_by text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lifted_by text,
    lifted_at timestamptz,
    body bytea NOT NULL CHECK (sealed.is_sealed(body)),
    lifting bytea CHECK (sealed.is_sealed(lifting)),
    CHECK (num_nulls(lifted_by, lifted_at, lifting) IN (0, 3)),
    PRIMARY KEY (state, id), FOREIGN KEY (state, case_id) REFERENCES sealed.case_file (state, id));
CREATE UNIQUE INDEX hold_once ON sealed.legal_hold (state, case_id) WHERE lifted_at IS NULL;
CREATE TABLE sealed.tombstone (
    state text NOT NULL,
    id uuid NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    asked_by text NOT NULL,
    confirmed_by text NOT NULL CHECK (confirmed_by <> asked_by),
    erased_at timestamptz NOT NULL,
    PRIMARY KEY (state, id), FOREIGN KEY (state, id) REFERENCES sealed.case_file (state, id));
ALTER TABLE keys.record_key ADD COLUMN made_at timestamptz NOT NULL DEFAULT clock_timestamp();
ALTER TABLE keys.package_key ADD COLUMN made_at timestamptz NOT NULL DEFAULT clock_timestamp();
"""
# The owner works here inside functions alone, and the guard holds it to one State like everybody.
ERASES = """
    CREATE POLICY erase ON {table} TO oas_sealed_owner USING (state = (SELECT ctx.state()));"""
ERASED = (
    "sealed.case_file", "sealed.identity", "sealed.consent", "sealed.entry", "sealed.approval", "sealed.disposal",
    "sealed.legal_hold", "sealed.tombstone", "sealed.referral_origin", "sealed.referral_arrival", "keys.record_key",
    "sealed.search_token", "sealed.alert",
)  # fmt: skip
OWNERS = """
CREATE POLICY erase ON sealed.referral TO oas_sealed_owner
    USING (from_state = (SELECT ctx.state()) OR to_state = (SELECT ctx.state()))
    WITH CHECK (from_state = (SELECT ctx.state()));
CREATE POLICY erase ON sealed.referral_message TO oas_sealed_owner
    USING (from_state = (SELECT ctx.state()) OR to_state = (SELECT ctx.state()));
REVOKE INSERT ON sealed.tombstone FROM oas_sealed;
"""
STEPS = r"""
-- A case that ends: from closed, or from open once the person took back that it is kept; never without a tombstone.
CREATE OR REPLACE FUNCTION sealed.case_step() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.status = 'erased' THEN
        RAISE EXCEPTION 'nothing is written into an erased case' USING errcode = 'check_violation';
    END IF;
    IF NEW.status = 'erased' AND NOT EXISTS (
        SELECT 1 FROM sealed.tombstone t WHERE t.state = NEW.state AND t.id = NEW.id)
    THEN RAISE EXCEPTION 'two people erase a case' USING errcode = 'check_violation'; END IF;
    IF NEW.status = 'open' AND OLD.status <> 'open'
    THEN RAISE EXCEPTION 'a case is not opened again' USING errcode = 'check_violation'; END IF;
    IF NEW.status = 'closed' AND OLD.status = 'open' AND NOT EXISTS (
        SELECT 1 FROM sealed.approval a WHERE a.state = NEW.state AND a.case_id = NEW.id
            AND a.question = 'closure' AND a.decision = 'approved')
    THEN RAISE EXCEPTION 'a second person closes a case' USING errcode = 'check_violation'; END IF;
    RETURN NEW;
END $$;
-- The lock waits for an erasure under way, so that nothing is written beside it.
CREATE FUNCTION sealed.case_is_there() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM 1 FROM sealed.case_file c WHERE c.state = NEW.state AND c.status <> 'erased'
        AND c.id = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing is written into an erased case' USING errcode = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION sealed.supervises() RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT coalesce('case_supervisor' = ANY (string_to_array(ctx.claim(3), ',')), false) $$;
CREATE FUNCTION sealed.rule_set() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.set_by IS DISTINCT FROM ctx.user_id()
       OR NOT coalesce(string_to_array(ctx.claim(3), ',') && ARRAY['case_supervisor', 'custodian'], false)
    THEN RAISE EXCEPTION 'not theirs to set' USING errcode = 'check_violation'; END IF;
    NEW.set_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE FUNCTION sealed.disposal_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE step text := OLD.stage || '>' || NEW.stage;
BEGIN
    IF step IN ('proposed>proposed', 'asked>asked') AND NEW.cause = 'consent' AND (to_jsonb(NEW) - 'cause')
        = (to_jsonb(OLD) - 'cause') THEN RETURN NEW; END IF;
    IF NEW.cause <> OLD.cause THEN RAISE EXCEPTION 'step refused' USING errcode = 'check_violation'; END IF;
    IF step = 'proposed>asked' THEN
        IF NOT sealed.supervises() OR NEW.asked_by IS DISTINCT FROM ctx.user_id() OR EXISTS (
               SELECT 1 FROM sealed.legal_hold h
               WHERE h.state = NEW.state AND h.case_id = NEW.case_id AND h.lifted_at IS NULL)
        THEN RAISE EXCEPTION 'not theirs to ask' USING errcode = 'check_violation'; END IF;
        NEW.asked_at := clock_timestamp();
    ELSIF step = 'proposed>kept' THEN
        IF NOT sealed.supervises() OR NEW.decided_by IS DISTINCT FROM ctx.user_id()
        THEN RAISE EXCEPTION 'not theirs to decide' USING errcode = 'check_violation'; END IF;
        NEW.decided_at := clock_timestamp();
    ELSIF step <> 'asked>proposed' THEN
        RAISE EXCEPTION 'step refused' USING errcode = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION sealed.hold_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT sealed.supervises() OR ctx.user_id() IS DISTINCT FROM
        (CASE TG_OP WHEN 'INSERT' THEN NEW.set_by ELSE NEW.lifted_by END)
    THEN RAISE EXCEPTION 'not theirs to hold' USING errcode = 'check_violation'; END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.set_at := clock_timestamp();
        IF NEW.lifted_by IS NOT NULL THEN
            RAISE EXCEPTION 'set first, lifted later' USING errcode = 'check_violation';
        END IF;
    ELSIF OLD.lifted_by IS NOT NULL THEN
        RAISE EXCEPTION 'a hold is lifted once' USING errcode = 'check_violation';
    ELSE
        NEW.lifted_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;
-- Everything that tells of a person, and every key that could open it. What stays: that there was a case of this code
-- and year, who worked on it, and the envelopes that other States hold as well.
CREATE FUNCTION sealed.blank_case(wanted uuid) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE home text := ctx.state(); shared uuid[];
BEGIN
    SELECT array_agg(x.id) INTO shared FROM (
        SELECT id FROM sealed.referral_origin WHERE state = home AND case_id = wanted
        UNION SELECT id FROM sealed.referral_arrival WHERE state = home AND case_id = wanted) x;
    UPDATE sealed.referral SET stage = 'withdrawn'
        WHERE from_state = home AND id = ANY (shared) AND stage IN ('draft', 'sent');
    DELETE FROM keys.package_key WHERE (record = ANY (shared) AND from_state = home)
        OR (state = home AND record IN (SELECT m.id FROM sealed.referral_message m WHERE m.referral = ANY (shared)));
    DELETE FROM sealed.referral_origin WHERE state = home AND case_id = wanted;
    DELETE FROM sealed.referral_arrival WHERE state = home AND case_id = wanted;
    DELETE FROM sealed.search_token WHERE state = home AND case_id = wanted;
    DELETE FROM sealed.disposal WHERE state = home AND case_id = wanted;
    DELETE FROM sealed.legal_hold WHERE state = home AND case_id = wanted;
    DELETE FROM sealed.approval WHERE state = home AND case_id = wanted;
    DELETE FROM sealed.entry WHERE state = home AND case_id = wanted;
    DELETE FROM sealed.consent WHERE state = home AND case_id = wanted;
    DELETE FROM sealed.identity WHERE state = home AND id = wanted;
    DELETE FROM keys.record_key WHERE state = home AND record = wanted;
    UPDATE sealed.case_file SET status = 'erased', facts = NULL, standing = 'possible', elements = '{}', closed = NULL,
        review_on = NULL, opened = date_trunc('year', opened), changed = current_date, created_by = ''
        WHERE state = home AND id = wanted AND status <> 'erased';
END $$;
CREATE FUNCTION sealed.erase_case(wanted uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    home text := ctx.state(); ended record; asked record;
BEGIN
    SELECT * INTO ended FROM sealed.case_file WHERE state = home AND id = wanted FOR UPDATE;
    SELECT * INTO asked FROM sealed.disposal WHERE state = home AND case_id = wanted AND stage = 'asked' FOR UPDATE;
    IF ended IS NULL OR asked IS NULL OR asked.asked_by = ctx.user_id()
       OR NOT coalesce(string_to_array(ctx.claim(3), ',') && ARRAY['case_supervisor', 'custodian'], false)
       OR NOT (ended.status = 'closed' OR (ended.status = 'open' AND asked.cause = 'consent'))
    THEN RAISE EXCEPTION 'two people erase a case' USING errcode = 'check_violation'; END IF;
    IF EXISTS (SELECT 1 FROM sealed.legal_hold h
               WHERE h.state = home AND h.case_id = wanted AND h.lifted_at IS NULL)
    THEN RAISE EXCEPTION 'a case on hold is kept' USING errcode = 'check_violation'; END IF;
    IF EXISTS (SELECT 1 FROM sealed.approval a WHERE a.state = home AND a.case_id = wanted
               AND a.question = 'emergency' AND a.decision = 'asked')
    THEN RAISE EXCEPTION 'an emergency waits for its review' USING errcode = 'check_violation'; END IF;
    INSERT INTO sealed.tombstone (state, id, code, reason, asked_by, confirmed_by, erased_at)
        VALUES (home, wanted, ended.code, asked.reason, asked.asked_by, ctx.user_id(), clock_timestamp());
    PERFORM sealed.blank_case(wanted);
END $$;
-- For a restore, as the owner: what was decided after the backup is done again, without asking anybody twice.
CREATE FUNCTION sealed.erase_again(wanted uuid, why text, asker text, confirmer text, moment timestamptz)
    RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE home text := ctx.state();
BEGIN
    INSERT INTO sealed.tombstone (state, id, code, reason, asked_by, confirmed_by, erased_at)
        SELECT c.state, c.id, c.code, why, asker, confirmer, moment FROM sealed.case_file c
        WHERE c.state = home AND c.id = wanted AND c.status <> 'erased';
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM sealed.blank_case(wanted);
    RETURN true;
END $$;
-- Keys that nothing needs, erased cases that still have keys, and cases that lack one.
CREATE FUNCTION keys.compare_with_records()
    RETURNS TABLE (finding text, record uuid, field_class text, made_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN c.id IS NULL THEN 'orphan' ELSE 'erased' END, k.record, k.field_class, k.made_at
        FROM keys.record_key k LEFT JOIN sealed.case_file c ON c.state = k.state AND c.id = k.record
        WHERE k.state = ctx.state() AND (c.id IS NULL OR c.status = 'erased')
        AND NOT EXISTS (SELECT 1 FROM sealed.alert a WHERE a.state = k.state AND a.id = k.record)
    UNION ALL SELECT 'package', k.record, k.field_class, k.made_at FROM keys.package_key k
        WHERE k.from_state = ctx.state()
        AND NOT EXISTS (SELECT 1 FROM sealed.referral r WHERE r.id = k.record)
        AND NOT EXISTS (SELECT 1 FROM sealed.referral_message m WHERE m.id = k.record)
    UNION ALL SELECT 'keyless', c.id, f.name, c.opened::timestamptz FROM sealed.case_file c,
        (VALUES ('identity'), ('narrative'), ('quasi')) f (name)
        WHERE c.state = ctx.state() AND c.status <> 'erased' AND NOT EXISTS (
            SELECT 1 FROM keys.record_key k
            WHERE k.state = c.state AND k.record = c.id AND k.field_class = f.name) $$;
-- A key is committed before its record: a young one may belong to a row that nobody else sees yet. A day is far more
-- than a signed context lives.
CREATE FUNCTION keys.destroy_orphans() RETURNS int LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE records int; packages int; old timestamptz := clock_timestamp() - interval '1 day';
BEGIN
    DELETE FROM keys.record_key k USING keys.compare_with_records() f
        WHERE k.state = ctx.state() AND k.record = f.record AND k.field_class = f.field_class
        AND (f.finding = 'erased' OR (f.finding = 'orphan' AND k.made_at < old));
    GET DIAGNOSTICS records = ROW_COUNT;
    DELETE FROM keys.package_key k USING keys.compare_with_records() f
        WHERE k.from_state = ctx.state() AND k.record = f.record AND k.field_class = f.field_class
        AND f.finding = 'package' AND k.made_at < old;
    GET DIAGNOSTICS packages = ROW_COUNT;
    RETURN records + packages;
END $$;
REVOKE EXECUTE ON FUNCTION sealed.case_is_there(), sealed.supervises(), sealed.rule_set(), sealed.disposal_step(),
    sealed.hold_step(), sealed.blank_case(uuid), sealed.erase_case(uuid),
    sealed.erase_again(uuid, text, text, text, timestamptz), keys.compare_with_records(), keys.destroy_orphans()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sealed.erase_case(uuid), sealed.supervises() TO oas_sealed;
GRANT EXECUTE ON FUNCTION keys.compare_with_records(), keys.destroy_orphans() TO oas_keys;
CREATE TRIGGER identity_of_case BEFORE INSERT ON sealed.identity
    FOR EACH ROW EXECUTE FUNCTION sealed.case_is_there('id');
CREATE TRIGGER consent_of_case BEFORE INSERT ON sealed.consent
    FOR EACH ROW EXECUTE FUNCTION sealed.case_is_there('case_id');
CREATE TRIGGER approval_of_case BEFORE INSERT ON sealed.approval
    FOR EACH ROW EXECUTE FUNCTION sealed.case_is_there('case_id');
CREATE TRIGGER disposal_of_case BEFORE INSERT ON sealed.disposal
    FOR EACH ROW EXECUTE FUNCTION sealed.case_is_there('case_id');
CREATE TRIGGER hold_of_case BEFORE INSERT ON sealed.legal_hold
    FOR EACH ROW EXECUTE FUNCTION sealed.case_is_there('case_id');
CREATE TRIGGER rule_set BEFORE INSERT OR UPDATE ON sealed.retention_rule
    FOR EACH ROW EXECUTE FUNCTION sealed.rule_set();
CREATE TRIGGER disposal_proposed_by BEFORE INSERT ON sealed.disposal
    FOR EACH ROW EXECUTE FUNCTION sealed.taken_by_the_caller('proposed_by');
CREATE TRIGGER disposal_step BEFORE UPDATE ON sealed.disposal
    FOR EACH ROW EXECUTE FUNCTION sealed.disposal_step();
CREATE TRIGGER hold_step BEFORE INSERT OR UPDATE ON sealed.legal_hold
    FOR EACH ROW EXECUTE FUNCTION sealed.hold_step();
"""
RULES = "".join(
    [
        home_rules("sealed.retention_rule", change="years, set_by"),
        home_rules("sealed.disposal", change="cause, stage, reason, asked_by, asked_at, decided_by, decided_at, body"),
        home_rules("sealed.legal_hold", change="lifted_by, lifted_at, lifting"),
        home_rules("sealed.tombstone"),
        *(ERASES.format(table=table) for table in ERASED),
        OWNERS,
        STEPS,
        "RESET ROLE;",
    ]
)
REVERSE = "".join(
    [
        """
DROP TRIGGER identity_of_case ON sealed.identity; DROP TRIGGER consent_of_case ON sealed.consent;
DROP TRIGGER approval_of_case ON sealed.approval;
DROP TABLE sealed.tombstone, sealed.legal_hold, sealed.disposal, sealed.retention_rule;
DROP FUNCTION sealed.case_is_there(), sealed.rule_set(), sealed.disposal_step(), sealed.hold_step(),
    sealed.supervises(), sealed.erase_case(uuid), sealed.erase_again(uuid, text, text, text, timestamptz),
    sealed.blank_case(uuid), keys.destroy_orphans(), keys.compare_with_records();
ALTER TABLE keys.record_key DROP COLUMN made_at; ALTER TABLE keys.package_key DROP COLUMN made_at;
DROP POLICY erase ON sealed.referral; DROP POLICY erase ON sealed.referral_message;
""",
        *(
            f"DROP POLICY erase ON {table};"
            for table in ERASED
            if table not in {"sealed.disposal", "sealed.legal_hold", "sealed.tombstone"}
        ),
        r"""
CREATE OR REPLACE FUNCTION sealed.case_step() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN ('open>closed', 'closed>erased')
    THEN RAISE EXCEPTION 'a case is not opened again' USING errcode = 'check_violation'; END IF;
    IF NEW.status = 'closed' AND OLD.status = 'open' AND NOT EXISTS (
        SELECT 1 FROM sealed.approval a WHERE a.state = NEW.state AND a.case_id = NEW.id
            AND a.question = 'closure' AND a.decision = 'approved')
    THEN RAISE EXCEPTION 'a second person closes a case' USING errcode = 'check_violation'; END IF;
    RETURN NEW;
END $$;
""",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("victims", "0008_alert")]

    operations = [
        migrations.RunSQL(TABLES + RULES, REVERSE),
        migrations.CreateModel(
            name="Disposal",
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
                    "cause",
                    models.CharField(
                        choices=[
                            ("due", "The period is over"),
                            ("consent", "The person took back that the record is kept"),
                            ("request", "Proposed by a supervisor"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("proposed", "To be decided"),
                            ("asked", "A second person has to confirm"),
                            ("kept", "Kept longer"),
                        ],
                        default="proposed",
                        max_length=12,
                    ),
                ),
                ("proposed_by", models.CharField(max_length=36)),
                ("proposed_at", models.DateTimeField(db_default=Now())),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("period_over", "The period is over"),
                            ("consent_withdrawn", "The consent was withdrawn"),
                            ("person_asked", "The person asked for it"),
                            ("mistake", "Registered by mistake"),
                        ],
                        max_length=20,
                        null=True,
                    ),
                ),
                ("asked_by", models.CharField(max_length=36, null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(max_length=36, null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("body", models.BinaryField(null=True)),
            ],
            options={
                "db_table": 'sealed"."disposal',
                "ordering": ("proposed_at", "id"),
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="LegalHold",
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
                    "reason",
                    models.CharField(
                        choices=[
                            ("court", "An order of a court or prosecutor"),
                            ("investigation", "A criminal investigation"),
                            ("claim", "A claim of the person, such as compensation"),
                            ("oversight", "A review by an oversight body"),
                        ],
                        max_length=16,
                    ),
                ),
                ("set_by", models.CharField(max_length=36)),
                ("set_at", models.DateTimeField(db_default=Now())),
                ("lifted_by", models.CharField(max_length=36, null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("body", models.BinaryField()),
                ("lifting", models.BinaryField(null=True)),
            ],
            options={
                "db_table": 'sealed"."legal_hold',
                "ordering": ("-set_at", "id"),
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "state", "standing", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=2)),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("possible", "Possible victim of trafficking"),
                            ("confirmed", "Victim of trafficking, confirmed"),
                            ("not_a_victim", "Not a victim of trafficking"),
                        ],
                        max_length=12,
                    ),
                ),
                ("years", models.PositiveIntegerField()),
                ("set_by", models.CharField(max_length=36)),
                ("set_at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "db_table": 'sealed"."retention_rule',
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "state", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=2)),
                ("id", models.UUIDField(default=uuid.uuid4)),
                ("code", models.CharField(max_length=10)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("period_over", "The period is over"),
                            ("consent_withdrawn", "The consent was withdrawn"),
                            ("person_asked", "The person asked for it"),
                            ("mistake", "Registered by mistake"),
                        ],
                        max_length=20,
                    ),
                ),
                ("asked_by", models.CharField(max_length=36)),
                ("confirmed_by", models.CharField(max_length=36)),
                ("erased_at", models.DateTimeField()),
            ],
            options={
                "db_table": 'sealed"."tombstone',
                "ordering": ("-erased_at",),
                "managed": False,
            },
        ),
    ]
