"""The trigger's function finds tables and operators where the owner put them, whatever the caller's search path."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("workplan", "0010_action_details")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION workplan_refuse_frozen() SET search_path = pg_catalog, public, pg_temp;",
            "ALTER FUNCTION workplan_refuse_frozen() RESET search_path;",
        )
    ]
