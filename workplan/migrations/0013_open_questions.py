from django.db import migrations

# A report is accepted once every question is resolved, and no question is opened on an accepted one: whatever
# service, shell or mistake comes by. The lock makes an acceptance and a new question wait for each other.
REFUSE = """
CREATE FUNCTION workplan_refuse_open_questions() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'workplan_report' THEN
        IF EXISTS (SELECT 1 FROM workplan_question WHERE report_id = NEW.id AND status <> 'resolved') THEN
            RAISE EXCEPTION 'report % has a question that is not resolved', NEW.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF (SELECT status FROM workplan_report WHERE id = NEW.report_id FOR SHARE) = 'accepted' THEN
        RAISE EXCEPTION 'report % is accepted', NEW.report_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER report_accepted_without_questions BEFORE INSERT OR UPDATE ON workplan_report
    FOR EACH ROW WHEN (NEW.status = 'accepted') EXECUTE FUNCTION workplan_refuse_open_questions();
CREATE TRIGGER question_not_on_accepted BEFORE INSERT OR UPDATE ON workplan_question
    FOR EACH ROW WHEN (NEW.status <> 'resolved') EXECUTE FUNCTION workplan_refuse_open_questions();
"""
LET = """
DROP TRIGGER question_not_on_accepted ON workplan_question;
DROP TRIGGER report_accepted_without_questions ON workplan_report;
DROP FUNCTION workplan_refuse_open_questions();
"""


class Migration(migrations.Migration):
    dependencies = [("workplan", "0012_papers")]

    operations = [migrations.RunSQL(REFUSE, LET)]
