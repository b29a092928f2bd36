"""Rules that look at more than one row, or at the row before."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION contributions_contribution_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('draft', 'sent'), ('sent', 'received'), ('received', 'under_review'), ('under_review', 'accepted'),
        ('received', 'not_used'), ('under_review', 'not_used'),
        ('draft', 'withdrawn'), ('sent', 'withdrawn'), ('received', 'withdrawn'), ('under_review', 'withdrawn')
    ) THEN
        RAISE EXCEPTION 'contribution_step' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.sent_at IS NOT NULL AND (
        (NEW.title, NEW.text, NEW.language, NEW.kind, NEW.visibility, NEW.name_withheld, NEW.shown_name,
         NEW.institution_id, NEW.round_id, NEW.period_from, NEW.period_to, NEW.sent_at)
        IS DISTINCT FROM
        (OLD.title, OLD.text, OLD.language, OLD.kind, OLD.visibility, OLD.name_withheld, OLD.shown_name,
         OLD.institution_id, OLD.round_id, OLD.period_from, OLD.period_to, OLD.sent_at)) THEN
        RAISE EXCEPTION 'contribution_sent_is_fixed' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.name_withheld AND NEW.sent_at IS NOT NULL AND position(
        lower((SELECT name FROM accounts_institution WHERE id = NEW.institution_id))
        IN lower(NEW.title || ' ' || NEW.text)) > 0 THEN
        RAISE EXCEPTION 'contribution_withheld_name_in_text' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contributions_contribution_rules BEFORE INSERT OR UPDATE ON contributions_contribution
    FOR EACH ROW EXECUTE FUNCTION contributions_contribution_rules();

CREATE FUNCTION contributions_reply_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM contributions_contribution c JOIN contributions_about a ON a.contribution_id = c.id
        WHERE c.id = NEW.contribution_id AND a.state_id = NEW.state_id AND c.visibility IN ('state', 'public')
          AND c.status IN ('received', 'under_review', 'accepted', 'not_used')
    ) THEN
        RAISE EXCEPTION 'state_reply_to_what_is_shown' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contributions_reply_rules BEFORE INSERT ON contributions_statereply
    FOR EACH ROW EXECUTE FUNCTION contributions_reply_rules();

CREATE FUNCTION contributions_about_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_contribution bigint;
BEGIN
    of_contribution := CASE WHEN TG_OP = 'DELETE' THEN OLD.contribution_id ELSE NEW.contribution_id END;
    IF EXISTS (SELECT 1 FROM contributions_contribution WHERE id = of_contribution
               AND sent_at IS NOT NULL) THEN
        RAISE EXCEPTION 'contribution_sent_is_fixed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER contributions_about_rules BEFORE INSERT OR UPDATE OR DELETE ON contributions_about
    FOR EACH ROW EXECUTE FUNCTION contributions_about_rules();
"""
REVERSE = """
DROP TRIGGER contributions_contribution_rules ON contributions_contribution;
DROP FUNCTION contributions_contribution_rules();
DROP TRIGGER contributions_reply_rules ON contributions_statereply;
DROP FUNCTION contributions_reply_rules();
DROP TRIGGER contributions_about_rules ON contributions_about;
DROP FUNCTION contributions_about_rules();
"""


class Migration(migrations.Migration):
    dependencies = [("contributions", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTIONS, REVERSE)]
