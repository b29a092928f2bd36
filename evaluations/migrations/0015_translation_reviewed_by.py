import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Whoever saved them had said so of their own words: for the next documents somebody else reads them first.
WAIT_AGAIN = "UPDATE evaluations_translation SET is_reviewed = false WHERE is_reviewed"


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0014_element_merge_into"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="translation",
            name="reviewed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(WAIT_AGAIN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_reviewed", False), ("reviewed_by", None))
                | models.Q(
                    ("is_reviewed", True),
                    ("reviewed_by__isnull", False),
                    models.Q(("reviewed_by", models.F("by")), _negated=True),
                ),
                name="translation_reviewed_by_another",
            ),
        ),
    ]
