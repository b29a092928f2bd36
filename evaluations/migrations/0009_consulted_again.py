import django.contrib.postgres.fields
from django.db import migrations, models

# The second person is somebody else than whoever generated what is published: that is the creator of the job, and not
# what an insertion says.
FUNCTIONS = """
CREATE FUNCTION evaluations_publication_rules() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM evaluations_snapshot JOIN core_job ON core_job.id = evaluations_snapshot.job_id
        WHERE evaluations_snapshot.id = NEW.snapshot_id
          AND evaluations_snapshot.evaluation_id = NEW.evaluation_id
          AND core_job.created_by_id = NEW.generated_by_id
    ) THEN
        RAISE EXCEPTION 'publication_of_its_own_build' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evaluations_publication_rules BEFORE INSERT OR UPDATE ON evaluations_publication
    FOR EACH ROW EXECUTE FUNCTION evaluations_publication_rules();
"""
REVERSE = """
DROP TRIGGER evaluations_publication_rules ON evaluations_publication;
DROP FUNCTION evaluations_publication_rules();
"""


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0008_state_papers")]

    operations = [
        migrations.AddField("consultation", "ended_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "consultation",
            "asks",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=2), db_default=[], default=list, size=None
            ),
        ),
        migrations.RunSQL(FUNCTIONS, REVERSE),
    ]
