"""Roles that two people give: who confirmed stands beside who asked, and the database asks for it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

# A copy of accounts.enums.TWO_PERSON_ROLES at this date; a test compares the two. Rows of before stay as they are.
TRIGGERS = """
CREATE FUNCTION accounts_two_people() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.granted_by_id IS NOT NULL AND NEW.confirmed_by_id IS NULL
       AND NEW.role IN ('case_worker', 'case_supervisor', 'custodian', 'state_auditor', 'state_user_admin',
                        'secretariat_admin') THEN
        RAISE check_violation USING MESSAGE = 'role_by_two_people', CONSTRAINT = 'role_by_two_people';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER role_by_two_people BEFORE INSERT ON accounts_roleassignment
    FOR EACH ROW EXECUTE FUNCTION accounts_two_people();
CREATE TRIGGER role_stays_by_two_people BEFORE UPDATE ON accounts_roleassignment
    FOR EACH ROW WHEN ((OLD.role, OLD.granted_by_id, OLD.confirmed_by_id)
                       IS DISTINCT FROM (NEW.role, NEW.granted_by_id, NEW.confirmed_by_id))
    EXECUTE FUNCTION accounts_two_people();
"""

REVERSE = """
DROP TRIGGER role_stays_by_two_people ON accounts_roleassignment;
DROP TRIGGER role_by_two_people ON accounts_roleassignment;
DROP FUNCTION accounts_two_people();
"""


def _second() -> models.ForeignKey:
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_no_role_of_ones_own")]

    operations = [
        migrations.AddField("roleassignment", "confirmed_by", _second()),
        migrations.AddField("invitation", "confirmed_by", _second()),
        migrations.AddField("invitation", "confirmed_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "roleassignment",
            models.CheckConstraint(
                condition=Q(("confirmed_by", None)) | ~Q(confirmed_by=F("granted_by")) & ~Q(confirmed_by=F("user")),
                name="role_assignment_two_people",
            ),
        ),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(confirmed_by=F("invited_by")),
                name="invitation_two_people",
            ),
        ),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(
                condition=Q(accepted_by=None) | Q(confirmed_by=None) | ~Q(confirmed_by=F("accepted_by")),
                name="invitation_not_confirmed_by_invited",
            ),
        ),
        migrations.RunSQL(TRIGGERS, REVERSE),
    ]
