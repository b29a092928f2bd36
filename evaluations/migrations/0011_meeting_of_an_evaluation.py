"""An evaluation is for a Meeting of the register; those defined before are for the Fourth, as their covers said."""

import django.db.models.deletion
from django.db import migrations, models

FOURTH = """
    UPDATE evaluations_evaluation SET meeting_id = (SELECT id FROM evaluations_meeting WHERE number = 4)"""


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0010_states_and_releases"),
    ]

    operations = [
        migrations.AddField(
            model_name="evaluation",
            name="meeting",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="evaluations",
                to="evaluations.meeting",
            ),
        ),
        migrations.RunSQL(FOURTH, migrations.RunSQL.noop),
    ]
