"""A translation is of what was sent, in another language than that, and its message is of its request."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION networks_translation_rules() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.message_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM networks_cooperationrequest
        WHERE id = NEW.request_id AND sent_at IS NOT NULL AND language <> NEW.language
    ) OR NEW.message_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM networks_requestmessage
        WHERE id = NEW.message_id AND request_id = NEW.request_id AND language <> NEW.language
    ) THEN
        RAISE EXCEPTION 'request_translation_of_another_language' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER networks_translation_rules BEFORE INSERT OR UPDATE ON networks_requesttranslation
    FOR EACH ROW EXECUTE FUNCTION networks_translation_rules();
"""
REVERSE = """
DROP TRIGGER networks_translation_rules ON networks_requesttranslation;
DROP FUNCTION networks_translation_rules();
"""


class Migration(migrations.Migration):
    dependencies = [("networks", "0006_request_translations")]

    operations = [migrations.RunSQL(FUNCTIONS, REVERSE)]
