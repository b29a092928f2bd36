"""Blind indexes: what a search asks for, as tokens that say nothing without the State's key (docs/adr/0125)."""

from django.db import migrations, models

from core.db import home_rules

TABLES = r"""
SET LOCAL ROLE oas_sealed_owner;
-- A row for each index, with no token where the record lacks a part of it or was erased: rows do not tell which.
CREATE TABLE sealed.search_token (
    state text NOT NULL,
    case_id uuid NOT NULL,
    name text NOT NULL CHECK (name IN ('document', 'person', 'sound')),
    token bytea CHECK (octet_length(token) = 8),
    PRIMARY KEY (state, case_id, name), FOREIGN KEY (state, case_id) REFERENCES sealed.case_file (state, id));
CREATE INDEX search_token_found ON sealed.search_token (state, name, token);
"""
RULES = home_rules("sealed.search_token", change="token") + "RESET ROLE;"
REVERSE = "DROP TABLE sealed.search_token;"


class Migration(migrations.Migration):
    dependencies = [
        ("victims", "0004_referral"),
    ]

    operations = [
        migrations.RunSQL(TABLES + RULES, REVERSE),
        migrations.CreateModel(
            name="SearchToken",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "state", "case_id", "name", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=2)),
                ("case_id", models.UUIDField()),
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("document", "Identity document"),
                            ("person", "Names and date of birth"),
                            ("sound", "Names as they sound, and date of birth"),
                        ],
                        max_length=8,
                    ),
                ),
                ("token", models.BinaryField(null=True)),
            ],
            options={
                "db_table": 'sealed"."search_token',
                "managed": False,
            },
        ),
    ]
