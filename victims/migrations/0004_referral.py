"""Referral to another State: an envelope both sides see, a copy for the other side, keys of its own (docs/adr/0086)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.functions import Now

from core.db import home_rules

TABLES = r"""
SET LOCAL ROLE oas_sealed_owner;
CREATE TABLE sealed.referral (
    from_state text NOT NULL CHECK (from_state ~ '^[A-Z]{2}$'),
    id uuid NOT NULL,
    token text NOT NULL CHECK (token ~ '^[\w-]{22}$'),
    to_state text NOT NULL CHECK (to_state ~ '^[A-Z]{2}$' AND to_state <> from_state),
    reference text NOT NULL CHECK (reference ~ '^R-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{2}$'),
    kind text NOT NULL CHECK (kind IN ('service', 'transfer')),
    help text NOT NULL CHECK (help ~ '^[a-z]{3,12}$'),
    urgency text NOT NULL CHECK (urgency IN ('urgent', 'soon', 'normal')),
    classes varchar(12)[] NOT NULL
        CHECK (classes <> '{}' AND classes <@ ARRAY['identity', 'narrative', 'quasi']::varchar[]),
    consent_until date,
    stage text NOT NULL CHECK (stage IN ('draft', 'sent', 'accepted', 'refused', 'withdrawn')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    approved_by text CHECK (approved_by <> created_by),
    sent_at timestamptz,
    answer_by timestamptz,
    answered_by text,
    answered_at timestamptz,
    refusal text CHECK (refusal ~ '^[a-z_]{3,16}$'),
    escalated_at timestamptz,
    identity bytea CHECK (sealed.is_sealed(identity)),
    quasi bytea CHECK (sealed.is_sealed(quasi)),
    narrative bytea CHECK (sealed.is_sealed(narrative)),
    CHECK (stage IN ('draft', 'withdrawn') OR (approved_by IS NOT NULL AND sent_at IS NOT NULL AND answer_by > sent_at)),
    CHECK ((stage IN ('accepted', 'refused')) = (answered_by IS NOT NULL)),
    CHECK ((stage = 'refused') = (refusal IS NOT NULL)),
    CHECK (identity IS NULL OR 'identity' = ANY (classes)),
    CHECK (quasi IS NULL OR 'quasi' = ANY (classes)),
    CHECK (narrative IS NULL OR 'narrative' = ANY (classes)),
    CHECK (stage IN ('draft', 'sent') OR num_nonnulls(identity, quasi, narrative) = 0),
    PRIMARY KEY (from_state, id), UNIQUE (from_state, token), UNIQUE (from_state, reference));
CREATE INDEX referral_to ON sealed.referral (to_state, stage);
-- What the sender alone knows: whose referral it is, and the very text of the copy, under the case's own keys.
CREATE TABLE sealed.referral_origin (
    state text NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    consent_id uuid NOT NULL,
    identity bytea CHECK (sealed.is_sealed(identity)),
    quasi bytea CHECK (sealed.is_sealed(quasi)),
    narrative bytea CHECK (sealed.is_sealed(narrative)),
    PRIMARY KEY (state, id), FOREIGN KEY (state, id) REFERENCES sealed.referral (from_state, id),
    FOREIGN KEY (state, case_id) REFERENCES sealed.case_file (state, id),
    FOREIGN KEY (state, consent_id) REFERENCES sealed.consent (state, id));
-- What the recipient alone knows. The key is why one referral never makes two cases.
CREATE TABLE sealed.referral_arrival (
    state text NOT NULL,
    id uuid NOT NULL,
    from_state text NOT NULL,
    case_id uuid NOT NULL,
    PRIMARY KEY (state, id), UNIQUE (state, case_id),
    FOREIGN KEY (state, case_id) REFERENCES sealed.case_file (state, id));
CREATE TABLE sealed.referral_message (
    from_state text NOT NULL,
    id uuid NOT NULL,
    to_state text NOT NULL CHECK (to_state <> from_state),
    referral uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('question', 'answer', 'feedback')),
    sent_by text NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    body bytea NOT NULL CHECK (sealed.is_sealed(body)),
    PRIMARY KEY (from_state, id));
CREATE INDEX message_of_referral ON sealed.referral_message (referral);
CREATE TABLE keys.package_key (
    state text NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
    record uuid NOT NULL,
    field_class text NOT NULL CHECK (field_class IN ('identity', 'narrative', 'quasi')),
    from_state text NOT NULL CHECK (from_state ~ '^[A-Z]{2}$'),
    kek_version int NOT NULL CHECK (kek_version > 0),
    wrapped bytea NOT NULL CHECK (octet_length(wrapped) = 60),
    PRIMARY KEY (state, record, field_class));
"""
STEPS = r"""
-- A second person sends, by a consent in force that covers each class; whatever ends a referral blanks the package.
CREATE FUNCTION sealed.referral_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE step text := OLD.stage || '>' || NEW.stage;
BEGIN
    IF step NOT IN ('draft>sent', 'draft>withdrawn', 'sent>accepted', 'sent>refused', 'sent>withdrawn', 'sent>sent')
    THEN RAISE EXCEPTION 'step refused' USING errcode = 'check_violation'; END IF;
    IF step = 'draft>sent' THEN
        IF NEW.approved_by IS DISTINCT FROM ctx.user_id()
           OR NOT 'case_supervisor' = ANY (string_to_array(ctx.claim(3), ','))
           OR NOT EXISTS (SELECT 1 FROM sealed.referral_origin o JOIN sealed.consent c
                ON c.state = o.state AND c.id = o.consent_id AND c.case_id = o.case_id
                WHERE o.state = NEW.from_state AND o.id = NEW.id AND c.given AND c.withdrawn_at IS NULL
                AND c.purpose = 'recipient' AND c.recipient = NEW.to_state
                AND (c.expires_on IS NULL OR c.expires_on > current_date) AND c.classes @> NEW.classes)
        THEN RAISE EXCEPTION 'step refused' USING errcode = 'check_violation'; END IF;
        NEW.sent_at := clock_timestamp();
        NEW.answer_by := NEW.sent_at + CASE NEW.urgency WHEN 'urgent' THEN interval '1 day'
            WHEN 'soon' THEN interval '3 days' ELSE interval '14 days' END;
    ELSIF (NEW.approved_by, NEW.sent_at, NEW.answer_by) IS DISTINCT FROM (OLD.approved_by, OLD.sent_at, OLD.answer_by)
    THEN RAISE EXCEPTION 'step refused' USING errcode = 'check_violation'; END IF;
    IF step = 'sent>accepted' AND (NEW.consent_until <= current_date OR NOT EXISTS (
        SELECT 1 FROM sealed.referral_arrival a WHERE a.state = NEW.to_state AND a.id = NEW.id))
    THEN RAISE EXCEPTION 'step refused' USING errcode = 'check_violation'; END IF;
    IF NEW.answered_by IS NOT NULL AND NEW.answered_by IS DISTINCT FROM ctx.user_id()
    THEN RAISE EXCEPTION 'step refused' USING errcode = 'check_violation'; END IF;
    IF NEW.stage IN ('draft', 'sent') THEN
        NEW.identity := OLD.identity; NEW.quasi := OLD.quasi; NEW.narrative := OLD.narrative;
    ELSE
        NEW.identity := NULL; NEW.quasi := NULL; NEW.narrative := NULL;
        NEW.answered_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION sealed.referral_arrives() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM sealed.referral r WHERE r.from_state = NEW.from_state AND r.id = NEW.id
                   AND r.to_state = NEW.state AND r.stage = 'sent')
    THEN RAISE EXCEPTION 'step refused' USING errcode = 'check_violation'; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION sealed.message_belongs() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.sent_by IS DISTINCT FROM ctx.user_id() OR NOT EXISTS (
        SELECT 1 FROM sealed.referral r WHERE r.id = NEW.referral
            AND r.stage = ANY (CASE NEW.kind WHEN 'feedback' THEN ARRAY['accepted'] ELSE ARRAY['sent'] END)
            AND CASE NEW.kind WHEN 'answer' THEN (r.from_state, r.to_state) = (NEW.from_state, NEW.to_state)
                ELSE (r.to_state, r.from_state) = (NEW.from_state, NEW.to_state) END)
    THEN RAISE EXCEPTION 'step refused' USING errcode = 'check_violation'; END IF;
    RETURN NEW;
END $$;
-- A withdrawal reaches what was not accepted yet, in the same transaction.
CREATE FUNCTION sealed.consent_withdrawn() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE sealed.referral r SET stage = 'withdrawn'
        WHERE r.from_state = NEW.state AND r.stage IN ('draft', 'sent') AND EXISTS (
            SELECT 1 FROM sealed.referral_origin o
            WHERE o.state = r.from_state AND o.id = r.id AND o.consent_id = NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION keys.destroy_package(wanted uuid) RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM keys.package_key WHERE record = wanted AND (state = ctx.state() OR from_state = ctx.state()) $$;
REVOKE EXECUTE ON FUNCTION sealed.referral_step(), sealed.referral_arrives(), sealed.message_belongs(),
    sealed.consent_withdrawn(), keys.destroy_package(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keys.destroy_package(uuid) TO oas_keys;
CREATE TRIGGER referral_step BEFORE UPDATE ON sealed.referral
    FOR EACH ROW EXECUTE FUNCTION sealed.referral_step();
CREATE TRIGGER referral_created_by BEFORE INSERT ON sealed.referral
    FOR EACH ROW EXECUTE FUNCTION sealed.taken_by_the_caller('created_by');
CREATE TRIGGER referral_arrives BEFORE INSERT ON sealed.referral_arrival
    FOR EACH ROW EXECUTE FUNCTION sealed.referral_arrives();
CREATE TRIGGER message_belongs BEFORE INSERT ON sealed.referral_message
    FOR EACH ROW EXECUTE FUNCTION sealed.message_belongs();
CREATE TRIGGER consent_withdrawn AFTER UPDATE OF withdrawn_at ON sealed.consent
    FOR EACH ROW WHEN (NEW.withdrawn_at IS NOT NULL) EXECUTE FUNCTION sealed.consent_withdrawn();
"""
# The only tables that two States see, and each sees of them what its side of the referral is.
SHARED = r"""
ALTER TABLE sealed.referral ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sender_read ON sealed.referral FOR SELECT TO oas_sealed USING (from_state = (SELECT ctx.state()));
CREATE POLICY sender_new ON sealed.referral FOR INSERT TO oas_sealed
    WITH CHECK (from_state = (SELECT ctx.state()) AND stage = 'draft' AND approved_by IS NULL);
CREATE POLICY sender_act ON sealed.referral FOR UPDATE TO oas_sealed
    USING (from_state = (SELECT ctx.state()) AND stage IN ('draft', 'sent'))
    WITH CHECK (from_state = (SELECT ctx.state()) AND stage IN ('sent', 'withdrawn'));
CREATE POLICY recipient_read ON sealed.referral FOR SELECT TO oas_sealed
    USING (to_state = (SELECT ctx.state()) AND stage IN ('sent', 'accepted', 'refused'));
CREATE POLICY recipient_act ON sealed.referral FOR UPDATE TO oas_sealed
    USING (to_state = (SELECT ctx.state()) AND stage = 'sent')
    WITH CHECK (to_state = (SELECT ctx.state()) AND stage IN ('sent', 'accepted', 'refused'));
CREATE POLICY guard ON sealed.referral AS RESTRICTIVE TO public USING (from_state = (SELECT ctx.state())
    OR to_state = (SELECT ctx.state()) AND stage IN ('sent', 'accepted', 'refused'));
GRANT SELECT, INSERT, UPDATE (stage, approved_by, sent_at, answer_by, answered_by, answered_at, refusal, escalated_at,
    identity, quasi, narrative) ON sealed.referral TO oas_sealed;
ALTER TABLE sealed.referral_message ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY both_read ON sealed.referral_message FOR SELECT TO oas_sealed
    USING (from_state = (SELECT ctx.state()) OR to_state = (SELECT ctx.state()));
CREATE POLICY sender_new ON sealed.referral_message FOR INSERT TO oas_sealed
    WITH CHECK (from_state = (SELECT ctx.state()));
CREATE POLICY guard ON sealed.referral_message AS RESTRICTIVE TO public
    USING (from_state = (SELECT ctx.state()) OR to_state = (SELECT ctx.state()));
GRANT SELECT, INSERT ON sealed.referral_message TO oas_sealed;
ALTER TABLE keys.package_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY holder_read ON keys.package_key FOR SELECT TO oas_keys USING (state = (SELECT ctx.state()));
CREATE POLICY sender_new ON keys.package_key FOR INSERT TO oas_keys WITH CHECK (from_state = (SELECT ctx.state()));
CREATE POLICY destroy ON keys.package_key TO oas_sealed_owner
    USING (state = (SELECT ctx.state()) OR from_state = (SELECT ctx.state()));
CREATE POLICY guard ON keys.package_key AS RESTRICTIVE TO public
    USING (state = (SELECT ctx.state()) OR from_state = (SELECT ctx.state()));
GRANT SELECT, INSERT ON keys.package_key TO oas_keys;
"""
RULES = home_rules("sealed.referral_origin") + home_rules("sealed.referral_arrival") + SHARED + "RESET ROLE;"
REVERSE = """
DROP TRIGGER consent_withdrawn ON sealed.consent;
DROP TABLE keys.package_key, sealed.referral_message, sealed.referral_arrival, sealed.referral_origin, sealed.referral;
DROP FUNCTION sealed.referral_step(), sealed.referral_arrives(), sealed.message_belongs(), sealed.consent_withdrawn(),
    keys.destroy_package(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("victims", "0003_record"),
    ]

    operations = [
        migrations.RunSQL(TABLES + STEPS + RULES, REVERSE),
        migrations.CreateModel(
            name="PackageKey",
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
                        choices=[("identity", "Identity"), ("narrative", "Narrative"), ("quasi", "Quasi")],
                        max_length=12,
                    ),
                ),
                ("from_state", models.CharField(max_length=2)),
                ("kek_version", models.PositiveIntegerField()),
                ("wrapped", models.BinaryField()),
            ],
            options={
                "db_table": 'keys"."package_key',
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("identity", models.BinaryField(null=True)),
                ("quasi", models.BinaryField(null=True)),
                ("narrative", models.BinaryField(null=True)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "from_state", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("from_state", models.CharField(max_length=2)),
                ("id", models.UUIDField(default=uuid.uuid4)),
                ("token", models.CharField(max_length=22)),
                ("to_state", models.CharField(max_length=2)),
                ("reference", models.CharField(max_length=9)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("service", "A service there; the case stays with us"),
                            ("transfer", "The other authority takes the case"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "help",
                    models.CharField(
                        choices=[
                            ("shelter", "A safe place to stay"),
                            ("health", "Health care"),
                            ("legal", "Legal assistance"),
                            ("protection", "Protection as a witness"),
                            ("return", "A safe and voluntary return"),
                            ("family", "Tracing of the family"),
                            ("other", "Other assistance"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "urgency",
                    models.CharField(
                        choices=[
                            ("urgent", "Urgent: an answer within 24 hours"),
                            ("soon", "Soon: an answer within 3 days"),
                            ("normal", "Normal: an answer within 14 days"),
                        ],
                        max_length=8,
                    ),
                ),
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
                ("consent_until", models.DateField(null=True)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("draft", "Waits for approval"),
                            ("sent", "Sent, waits for an answer"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("created_by", models.CharField(max_length=36)),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("approved_by", models.CharField(max_length=36, null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("answer_by", models.DateTimeField(null=True)),
                ("answered_by", models.CharField(max_length=36, null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "refusal",
                    models.CharField(
                        choices=[
                            ("no_capacity", "No capacity at present"),
                            ("not_competent", "Another authority is competent"),
                            ("no_service", "The service does not exist here"),
                            ("other", "Another reason"),
                        ],
                        max_length=16,
                        null=True,
                    ),
                ),
                ("escalated_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": 'sealed"."referral',
                "ordering": ("-created_at",),
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ReferralArrival",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "state", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=2)),
                ("id", models.UUIDField(default=uuid.uuid4)),
                ("from_state", models.CharField(max_length=2)),
                ("case_id", models.UUIDField()),
            ],
            options={
                "db_table": 'sealed"."referral_arrival',
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ReferralMessage",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "from_state", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("from_state", models.CharField(max_length=2)),
                ("id", models.UUIDField(default=uuid.uuid4)),
                ("to_state", models.CharField(max_length=2)),
                ("referral", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("question", "Question"), ("answer", "Answer"), ("feedback", "Feedback")], max_length=8
                    ),
                ),
                ("sent_by", models.CharField(max_length=36)),
                ("sent_at", models.DateTimeField(db_default=Now())),
                ("body", models.BinaryField()),
            ],
            options={
                "db_table": 'sealed"."referral_message',
                "ordering": ("sent_at",),
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ReferralOrigin",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "state", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=2)),
                ("id", models.UUIDField(default=uuid.uuid4)),
                ("identity", models.BinaryField(null=True)),
                ("quasi", models.BinaryField(null=True)),
                ("narrative", models.BinaryField(null=True)),
                ("case_id", models.UUIDField()),
                ("consent_id", models.UUIDField()),
            ],
            options={
                "db_table": 'sealed"."referral_origin',
                "managed": False,
            },
        ),
    ]
