"""A version of an element may repeat an earlier one; it says which."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0011_meeting_of_an_evaluation"),
    ]

    operations = [
        migrations.AddField(
            model_name="element",
            name="restored_from",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="element",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("restored_from", None),
                    models.Q(("restored_from__gte", 1), ("restored_from__lt", models.F("number"))),
                    _connector="OR",
                ),
                name="element_restores_an_earlier",
            ),
        ),
    ]
