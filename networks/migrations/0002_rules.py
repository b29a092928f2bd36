"""Rules that look at more than one row."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION networks_request_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state_id FROM accounts_institution WHERE id = NEW.sender_id) IS DISTINCT FROM NEW.sender_state_id
       OR (SELECT state_id FROM accounts_institution WHERE id = NEW.receiver_id)
          IS DISTINCT FROM NEW.receiver_state_id THEN
        RAISE EXCEPTION 'request_institution_fits_state' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.sent_at IS NOT NULL AND (
        (NEW.text, NEW.subject, NEW.kind, NEW.urgency, NEW.sender_id, NEW.receiver_state_id, NEW.sent_at,
         NEW.coordinator_due_at, NEW.secretariat_due_at)
        IS DISTINCT FROM
        (OLD.text, OLD.subject, OLD.kind, OLD.urgency, OLD.sender_id, OLD.receiver_state_id, OLD.sent_at,
         OLD.coordinator_due_at, OLD.secretariat_due_at)) THEN
        RAISE EXCEPTION 'request_sent_is_fixed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER networks_request_rules BEFORE INSERT OR UPDATE ON networks_cooperationrequest
    FOR EACH ROW EXECUTE FUNCTION networks_request_rules();

CREATE FUNCTION networks_seat_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.institution_id IS NOT NULL AND
       (SELECT state_id FROM accounts_institution WHERE id = NEW.institution_id) IS DISTINCT FROM NEW.state_id THEN
        RAISE EXCEPTION 'seat_institution_fits_state' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER networks_seat_rules BEFORE INSERT OR UPDATE ON networks_seat
    FOR EACH ROW EXECUTE FUNCTION networks_seat_rules();

CREATE FUNCTION networks_match_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT side FROM networks_assistanceitem WHERE id = NEW.need_id) <> 'need'
       OR (SELECT side FROM networks_assistanceitem WHERE id = NEW.offer_id) <> 'offer' THEN
        RAISE EXCEPTION 'match_of_need_and_offer' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER networks_match_rules BEFORE INSERT OR UPDATE ON networks_assistancematch
    FOR EACH ROW EXECUTE FUNCTION networks_match_rules();
"""
REVERSE = """
DROP TRIGGER networks_request_rules ON networks_cooperationrequest;
DROP FUNCTION networks_request_rules();
DROP TRIGGER networks_seat_rules ON networks_seat;
DROP FUNCTION networks_seat_rules();
DROP TRIGGER networks_match_rules ON networks_assistancematch;
DROP FUNCTION networks_match_rules();
"""


class Migration(migrations.Migration):
    dependencies = [("networks", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTIONS, REVERSE)]
