"""An evaluation names its States and the releases of statistics that it uses; those defined before cover all that were
asked, and use the last release of each year that lies in their period."""

import django.contrib.postgres.fields
from django.db import migrations, models

COVER = """
    UPDATE evaluations_evaluation e SET states = COALESCE(
        (SELECT array_agg(DISTINCT s.iso2 ORDER BY s.iso2) FROM workplan_report r JOIN accounts_state s
            ON s.id = r.state_id WHERE r.round_id = e.round_id),
        (SELECT array_agg(s.iso2 ORDER BY s.iso2) FROM accounts_state s))"""
USE = """
    INSERT INTO evaluations_evaluation_releases (evaluation_id, release_id)
    SELECT e.id, newest.id FROM evaluations_evaluation e JOIN workplan_round r ON r.id = e.round_id
        JOIN workplan_plan p ON p.id = e.plan_id
        JOIN (SELECT DISTINCT ON (year) id, year FROM indicators_release WHERE status = 'published'
              ORDER BY year, number DESC) newest
        ON newest.year >= extract(year FROM p.start_date) AND make_date(newest.year, 12, 31) <= r.period_end"""


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0009_consulted_again"),
        ("indicators", "0002_counted_beside_the_return"),
    ]

    operations = [
        migrations.AddField(
            model_name="evaluation",
            name="states",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=2), null=True, size=None
            ),
        ),
        migrations.RunSQL(COVER, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="evaluation",
            name="states",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), size=None),
        ),
        migrations.AddConstraint(
            model_name="evaluation",
            constraint=models.CheckConstraint(
                condition=models.Q(("states__len__gte", 1)), name="evaluation_covers_a_state"
            ),
        ),
        migrations.AddField(
            model_name="evaluation",
            name="releases",
            field=models.ManyToManyField(blank=True, related_name="+", to="indicators.release"),
        ),
        migrations.RunSQL(USE, migrations.RunSQL.noop),
    ]
