"""What the database refuses about roles: a role its institution cannot give, and one person acting for two sides."""

from django.db import migrations

# A copy of accounts.enums.ROLES_OF_KIND at this date; a test compares the two.
TRIGGERS = """
CREATE FUNCTION accounts_role_fits(kind text, role text) RETURNS boolean LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE kind
        WHEN 'authority' THEN role IN ('focal_point', 'contributor', 'approver', 'case_worker', 'case_supervisor',
                                       'custodian', 'state_auditor', 'state_user_admin')
        WHEN 'agency' THEN role IN ('contributor', 'case_worker', 'case_supervisor', 'custodian', 'state_auditor')
        WHEN 'mission' THEN role = 'mission_observer'
        WHEN 'secretariat' THEN role IN ('secretariat_officer', 'secretariat_admin', 'translator')
        WHEN 'meeting' THEN role = 'meeting_officer'
        WHEN 'partner' THEN role = 'partner'
        ELSE false
    END
$$;

-- The side somebody acts for. Officers of the Meeting are delegates of States and may keep their role there.
CREATE FUNCTION accounts_side(kind text, state_id bigint) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN kind = 'meeting' THEN NULL WHEN state_id IS NULL THEN kind ELSE state_id::text END
$$;

CREATE FUNCTION accounts_check_role() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    own record;
BEGIN
    SELECT kind, state_id, accounts_side(kind, state_id) AS side INTO own
        FROM accounts_institution WHERE id = NEW.institution_id;
    IF NOT accounts_role_fits(own.kind, NEW.role) THEN
        RAISE check_violation USING MESSAGE = 'role_fits_institution', CONSTRAINT = 'role_fits_institution';
    END IF;
    IF NEW.ended_at IS NOT NULL OR own.side IS NULL THEN
        RETURN NEW;
    END IF;
    -- Two roles given at the same moment must see each other.
    PERFORM 1 FROM accounts_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM accounts_roleassignment r JOIN accounts_institution i ON i.id = r.institution_id
        WHERE r.user_id = NEW.user_id AND r.id IS DISTINCT FROM NEW.id AND r.ended_at IS NULL
          AND accounts_side(i.kind, i.state_id) <> own.side
          AND daterange(r.valid_from, r.valid_to, '[]') && daterange(NEW.valid_from, NEW.valid_to, '[]')
    ) THEN
        RAISE check_violation USING MESSAGE = 'role_one_side', CONSTRAINT = 'role_one_side';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER role_rules BEFORE INSERT OR UPDATE ON accounts_roleassignment
    FOR EACH ROW EXECUTE FUNCTION accounts_check_role();

-- An institution that has given a role keeps its kind and its State, or the rules above would not hold later.
CREATE FUNCTION accounts_keep_kind() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.kind, NEW.state_id) IS DISTINCT FROM (OLD.kind, OLD.state_id)
       AND EXISTS (SELECT 1 FROM accounts_roleassignment WHERE institution_id = NEW.id) THEN
        RAISE check_violation USING MESSAGE = 'institution_keeps_kind', CONSTRAINT = 'institution_keeps_kind';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER institution_keeps_kind BEFORE UPDATE ON accounts_institution
    FOR EACH ROW EXECUTE FUNCTION accounts_keep_kind();
"""

REVERSE = """
DROP TRIGGER institution_keeps_kind ON accounts_institution;
DROP TRIGGER role_rules ON accounts_roleassignment;
DROP FUNCTION accounts_keep_kind();
DROP FUNCTION accounts_check_role();
DROP FUNCTION accounts_side(text, bigint);
DROP FUNCTION accounts_role_fits(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_people")]

    operations = [migrations.RunSQL(TRIGGERS, REVERSE)]
