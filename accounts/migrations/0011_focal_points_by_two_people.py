"""A focal point, too, is named by one administrator of the Secretariat and confirmed by another."""

from django.db import migrations

ROLES = """'case_worker', 'case_supervisor', 'custodian', 'state_auditor', 'state_user_admin', 'secretariat_admin'"""
FUNCTION = """
CREATE OR REPLACE FUNCTION accounts_two_people() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.granted_by_id IS NOT NULL AND NEW.confirmed_by_id IS NULL AND NEW.role IN (%s) THEN
        RAISE check_violation USING MESSAGE = 'role_by_two_people', CONSTRAINT = 'role_by_two_people';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_two_people")]

    operations = [migrations.RunSQL(FUNCTION % f"{ROLES}, 'focal_point'", FUNCTION % ROLES)]
