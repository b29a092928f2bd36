"""Guests who may enter already are on the list of offers, where they can be shown out."""

from django.db import migrations

COPY = """
INSERT INTO networks_guestoffer (network_id, email, reason, valid_to, offered_by_id, offered_at)
SELECT DISTINCT ON (guest.content_object_id, guest.user_id)
    guest.content_object_id, lower(person.email), guest.reason, guest.valid_to, guest.granted_by_id, now()
FROM networks_networkuserobjectpermission guest JOIN accounts_user person ON person.id = guest.user_id
WHERE guest.granted_by_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("networks", "0004_seats_taken_and_guest_offers")]

    operations = [migrations.RunSQL(COPY, migrations.RunSQL.noop)]
