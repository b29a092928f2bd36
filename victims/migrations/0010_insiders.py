"""The database's own answer to officers of the same State (docs/adr/0199): teams, and emergencies in a row."""

from django.db import migrations

TEAM = r"""
-- Whoever opens a case is the first of its team. All others are brought in, or in again, by a supervisor, and nobody by
-- themselves: an identity would otherwise be open without the custodian and without an emergency.
CREATE FUNCTION sealed.team_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.until IS NULL OR NEW.until <= OLD.until) THEN RETURN NEW; END IF;
    IF TG_OP = 'INSERT' AND NEW.user_id = ctx.user_id()
        AND EXISTS (SELECT 1 FROM sealed.case_file c WHERE c.state = NEW.state AND c.id = NEW.case_id
                    AND c.created_by = NEW.user_id)
        AND NOT EXISTS (SELECT 1 FROM sealed.team t WHERE t.state = NEW.state AND t.case_id = NEW.case_id)
    THEN RETURN NEW; END IF;
    IF NEW.user_id IS NOT DISTINCT FROM ctx.user_id() OR NOT sealed.supervises()
    THEN RAISE EXCEPTION 'not theirs to bring in' USING errcode = 'check_violation'; END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION sealed.team_step() FROM PUBLIC;
CREATE TRIGGER team_step BEFORE INSERT OR UPDATE ON sealed.team
    FOR EACH ROW EXECUTE FUNCTION sealed.team_step();
"""
# Two requests at once do not see each other's row; an index does.
ONCE = """
CREATE UNIQUE INDEX emergency_once ON sealed.approval (state, asked_by)
    WHERE question = 'emergency' AND decision = 'asked';
"""
ASKED = r"""
CREATE OR REPLACE FUNCTION sealed.approval_asked() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
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
        {after_a_return}
        NEW.until := NEW.asked_at + interval '60 minutes';
    END IF;
    RETURN NEW;
END $$;
"""
AFTER_A_RETURN = """IF EXISTS (SELECT 1 FROM sealed.approval a WHERE a.state = NEW.state AND a.asked_by = NEW.asked_by
                   AND a.question = 'emergency' AND a.decision = 'returned'
                   AND a.decided_at > NEW.asked_at - interval '60 minutes')
        THEN RAISE EXCEPTION 'an emergency was returned' USING errcode = 'check_violation'; END IF;"""
DECIDED = r"""
CREATE OR REPLACE FUNCTION sealed.approval_decided() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
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
        THEN NEW.decided_at + interval '24 hours'{when_returned} ELSE OLD.until END;
    RETURN NEW;
END $$;
"""
WHEN_RETURNED = """
        WHEN OLD.question = 'emergency' AND NEW.decision = 'returned' THEN least(OLD.until, NEW.decided_at)"""


def _functions(*, after_a_return: str, when_returned: str) -> str:
    return ASKED.replace("{after_a_return}", after_a_return) + DECIDED.replace("{when_returned}", when_returned)


FORWARD = "".join(
    [
        "SET LOCAL ROLE oas_sealed_owner;",
        TEAM,
        ONCE,
        _functions(after_a_return=AFTER_A_RETURN, when_returned=WHEN_RETURNED),
        "RESET ROLE;",
    ]
)
REVERSE = "".join(
    [
        "SET LOCAL ROLE oas_sealed_owner;",
        "DROP TRIGGER team_step ON sealed.team; DROP FUNCTION sealed.team_step(); DROP INDEX sealed.emergency_once;",
        _functions(after_a_return="", when_returned=""),
        "RESET ROLE;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("victims", "0009_retention")]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
