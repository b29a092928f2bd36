"""What was entered as new by mistake is withdrawn with a version that says so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0015_translation_reviewed_by"),
    ]

    operations = [
        migrations.AddField(
            model_name="element",
            name="is_withdrawn",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="element",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_withdrawn", False), ("suggestion", "new"), _connector="OR"),
                name="element_withdrawn_is_new",
            ),
        ),
    ]
