"""Keys to the API are any institution's now: they move to accounts, with what they open."""

from django.db import migrations

COLUMNS = "public_id, institution_id, user_id, label, digest, created_at, expires_at, revoked_at"
MOVE = f"INSERT INTO accounts_apikey ({COLUMNS}, scope) SELECT {COLUMNS}, 'write' FROM contributions_apitoken"  # noqa: S608
MOVE_BACK = (
    f"INSERT INTO contributions_apitoken ({COLUMNS}) SELECT {COLUMNS} FROM accounts_apikey"  # noqa: S608
    " WHERE institution_id IN (SELECT id FROM accounts_institution WHERE kind = 'partner')"
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_api_keys"),
        ("contributions", "0003_pinned_search_path"),
    ]

    operations = [
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.DeleteModel(name="ApiToken"),
    ]
