"""Nobody gives themselves a role; where somebody did, the role ends here and stays in the record."""

from django.db import migrations, models
from django.db.models import F, Q

ENDED = """
-- The demonstration wrote all its roles in one name, that person's own among them.
UPDATE accounts_roleassignment SET granted_by_id = NULL
    WHERE granted_by_id = user_id AND reason = 'demonstration';
UPDATE accounts_roleassignment SET ended_at = now(), valid_to = greatest(valid_from, current_date)
    WHERE granted_by_id = user_id AND ended_at IS NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_saved_views")]

    operations = [
        migrations.RunSQL(ENDED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "roleassignment",
            models.CheckConstraint(
                condition=Q(("granted_by", None)) | ~Q(granted_by=F("user")) | Q(ended_at__isnull=False),
                name="role_assignment_not_by_oneself",
            ),
        ),
    ]
