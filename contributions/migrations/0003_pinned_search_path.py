"""The triggers' functions find tables and operators where the owner put them, whatever the caller's search path."""

from django.db import migrations

FUNCTIONS = ("contributions_contribution_rules", "contributions_reply_rules", "contributions_about_rules")


class Migration(migrations.Migration):
    dependencies = [("contributions", "0002_rules")]

    operations = [
        migrations.RunSQL(
            f"ALTER FUNCTION {name}() SET search_path = pg_catalog, public, pg_temp;",
            f"ALTER FUNCTION {name}() RESET search_path;",
        )
        for name in FUNCTIONS
    ]
