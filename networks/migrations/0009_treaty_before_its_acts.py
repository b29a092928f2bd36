"""Nobody signs or ratifies a treaty before the day on which it was adopted."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION networks_act_rules() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM networks_legalinstrument WHERE id = NEW.instrument_id AND adopted_on > NEW.done_on
    ) THEN
        RAISE EXCEPTION 'act_before_the_treaty' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER networks_act_rules BEFORE INSERT OR UPDATE ON networks_instrumentact
    FOR EACH ROW EXECUTE FUNCTION networks_act_rules();
"""
REVERSE = """
DROP TRIGGER networks_act_rules ON networks_instrumentact;
DROP FUNCTION networks_act_rules();
"""


class Migration(migrations.Migration):
    dependencies = [("networks", "0008_national_plans_and_treaties")]

    operations = [migrations.RunSQL(FUNCTIONS, REVERSE)]
