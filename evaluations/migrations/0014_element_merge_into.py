"""A merge says with which activity. Merges of before do not know it: the rule binds every version written from now on,
and those that there are stay as they were written."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0013_further_rounds"),
    ]

    operations = [
        migrations.AddField(
            model_name="element",
            name="merge_into",
            field=models.CharField(blank=True, db_default="", max_length=12),
        ),
        AddConstraintNotValid(
            model_name="element",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merge_into__gt", ""), ("suggestion", "merge")),
                    models.Q(models.Q(("suggestion", "merge"), _negated=True), ("merge_into", "")),
                    _connector="OR",
                ),
                name="element_merge_has_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="element",
            constraint=models.CheckConstraint(
                condition=models.Q(("merge_into", models.F("key")), _negated=True), name="element_merges_with_another"
            ),
        ),
    ]
