"""The only way into the audit trail, and the extensions the portal sorts and searches with."""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

# The digest covers every column; each part carries its length, so that no two rows share one text.
# core.audit.digest computes the same in Python, from the stored row.
APPEND = """
CREATE FUNCTION core_audit_append(
    p_chain text, p_actor bigint, p_system text, p_verb text, p_object_type text, p_object_id text,
    p_data jsonb, p_request_id text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head core_audithead%ROWTYPE;
    new_seq bigint;
    new_at timestamptz := clock_timestamp();
    new_hash bytea;
    part text;
    body bytea := ''::bytea;
BEGIN
    INSERT INTO core_audithead (chain, seq, hash) VALUES (p_chain, 0, ''::bytea) ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM core_audithead WHERE chain = p_chain FOR UPDATE;
    new_seq := head.seq + 1;
    FOREACH part IN ARRAY ARRAY[
        encode(head.hash, 'hex'), p_chain, new_seq::text,
        to_char(new_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        coalesce(p_actor::text, ''), p_system, p_verb, p_object_type, p_object_id, p_data::text, p_request_id
    ] LOOP
        body := body || convert_to(octet_length(convert_to(part, 'utf8'))::text || ':' || part, 'utf8');
    END LOOP;
    new_hash := sha256(body);
    INSERT INTO core_auditevent
        (chain, seq, at, actor_id, system, verb, object_type, object_id, data, request_id, previous, hash)
    VALUES (p_chain, new_seq, new_at, p_actor, p_system, p_verb, p_object_type, p_object_id, p_data,
            p_request_id, head.hash, new_hash);
    UPDATE core_audithead SET seq = new_seq, hash = new_hash WHERE chain = p_chain;
    RETURN new_seq;
END $$;
REVOKE EXECUTE ON FUNCTION core_audit_append(text, bigint, text, text, text, text, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core_audit_append(text, bigint, text, text, text, text, jsonb, text) TO oas_app;
"""

REVERSE = "DROP FUNCTION core_audit_append(text, bigint, text, text, text, text, jsonb, text);"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        migrations.RunSQL(APPEND, REVERSE),
    ]
