"""An evaluation may look at further periods beside the one that it compares with. The database refuses what does not
come before the period evaluated, belongs to another plan, or is compared with already."""

import django.db.models.deletion
from django.db import migrations, models

# The period compared with is held to the same from here on; both are looked at again when the definition changes.
FUNCTIONS = """
CREATE FUNCTION evaluations_round_comes_before(earlier bigint, later bigint) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM workplan_round AS before JOIN workplan_round AS evaluated ON evaluated.plan_id = before.plan_id
        WHERE before.id = earlier AND evaluated.id = later AND before.period_start < evaluated.period_start
    );
$$;
CREATE FUNCTION evaluations_furtherround_rules() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM evaluations_evaluation AS evaluation
        WHERE evaluation.id = NEW.evaluation_id AND NEW.round_id IS DISTINCT FROM evaluation.compared_round_id
          AND evaluations_round_comes_before(NEW.round_id, evaluation.round_id)
    ) THEN
        RAISE EXCEPTION 'further_round_is_another_and_earlier' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evaluations_furtherround_rules BEFORE INSERT OR UPDATE ON evaluations_furtherround
    FOR EACH ROW EXECUTE FUNCTION evaluations_furtherround_rules();
CREATE FUNCTION evaluations_evaluation_rounds() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.compared_round_id IS NOT NULL AND NOT evaluations_round_comes_before(NEW.compared_round_id, NEW.round_id) THEN
        RAISE EXCEPTION 'evaluation_compares_with_an_earlier_round' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM evaluations_furtherround AS further WHERE further.evaluation_id = NEW.id
          AND (further.round_id IS NOT DISTINCT FROM NEW.compared_round_id
               OR NOT evaluations_round_comes_before(further.round_id, NEW.round_id))
    ) THEN
        RAISE EXCEPTION 'further_round_is_another_and_earlier' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evaluations_evaluation_rounds BEFORE INSERT OR UPDATE OF round_id, compared_round_id
    ON evaluations_evaluation FOR EACH ROW EXECUTE FUNCTION evaluations_evaluation_rounds();
"""
REVERSE = """
DROP TRIGGER evaluations_evaluation_rounds ON evaluations_evaluation;
DROP TRIGGER evaluations_furtherround_rules ON evaluations_furtherround;
DROP FUNCTION evaluations_evaluation_rounds();
DROP FUNCTION evaluations_furtherround_rules();
DROP FUNCTION evaluations_round_comes_before(bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0012_element_restored_from"),
        ("workplan", "0009_draft_ended"),
    ]

    operations = [
        migrations.CreateModel(
            name="FurtherRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evaluations.evaluation"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="workplan.round"
                    ),
                ),
            ],
            options={
                "ordering": ("round__period_start",),
                "constraints": [
                    models.UniqueConstraint(fields=("evaluation", "round"), name="further_round_once"),
                ],
            },
        ),
        migrations.AddField(
            model_name="evaluation",
            name="further_rounds",
            field=models.ManyToManyField(
                blank=True, related_name="+", through="evaluations.FurtherRound", to="workplan.round"
            ),
        ),
        migrations.RunSQL(FUNCTIONS, REVERSE),
    ]
