"""Returns of the States and releases of the portal."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import indicators.validators


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0004_role_rules"),
        ("core", "0002_audit_append"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(unique=True)),
                ("year", models.PositiveSmallIntegerField(validators=[indicators.validators.validate_year])),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("building", "In preparation"),
                            ("stopped", "Stopped by the audit"),
                            ("ready", "Ready to publish"),
                            ("published", "Published"),
                        ],
                        default="building",
                        max_length=12,
                    ),
                ),
                ("findings", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statistics_release",
                        to="core.job",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-number",),
            },
        ),
        migrations.CreateModel(
            name="ReleaseContent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("inputs", models.JSONField()),
                ("steps", models.JSONField()),
                ("told", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "release",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="content", to="indicators.release"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReleaseFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table", models.CharField(max_length=40)),
                (
                    "language",
                    models.CharField(
                        choices=[("es", "Español"), ("en", "English"), ("fr", "Français"), ("pt-br", "Português")],
                        max_length=5,
                    ),
                ),
                (
                    "format",
                    models.CharField(choices=[("csv", "CSV"), ("json", "JSON"), ("xlsx", "XLSX")], max_length=4),
                ),
                ("file", models.FileField(max_length=120, upload_to="")),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "content",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="indicators.releasecontent",
                    ),
                ),
            ],
            options={
                "ordering": ("table", "language", "format"),
            },
        ),
        migrations.CreateModel(
            name="ReturnUpload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("year", models.PositiveSmallIntegerField()),
                ("content", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("uploaded_at", models.DateTimeField(auto_now_add=True)),
                ("applied_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.state"
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StatisticalReturn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(validators=[indicators.validators.validate_year])),
                (
                    "table",
                    models.CharField(
                        choices=[
                            ("VIC_SEX_AGE", "VIC_SEX_AGE"),
                            ("VIC_SEX_EXP", "VIC_SEX_EXP"),
                            ("VIC_CIT_MOV", "VIC_CIT_MOV"),
                            ("ASS_SEX_AGE", "ASS_SEX_AGE"),
                            ("REP_SEX_AGE", "REP_SEX_AGE"),
                            ("OFF_EXP", "OFF_EXP"),
                            ("SUS_SEX", "SUS_SEX"),
                            ("PRO_SEX", "PRO_SEX"),
                            ("CON_SEX", "CON_SEX"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("sent", "Waiting for signature"), ("signed", "Signed off")],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=300)),
                (
                    "coverage_citizenship",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("own", "Own nationals"),
                            ("foreign", "Foreign citizens"),
                            ("both", "Both own nationals and foreign citizens"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "coverage_movement",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("internal", "Internal trafficking"),
                            ("cross_border", "Cross-border trafficking"),
                            ("both", "Both internal and cross-border trafficking"),
                        ],
                        max_length=12,
                    ),
                ),
                ("criminal_code_article", models.CharField(blank=True, max_length=200)),
                ("definition_note", models.TextField(blank=True, max_length=2000)),
                (
                    "language",
                    models.CharField(
                        choices=[("es", "Español"), ("en", "English"), ("fr", "Français"), ("pt-br", "Português")],
                        max_length=5,
                    ),
                ),
                ("reasons", models.JSONField(blank=True, default=dict)),
                ("version", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "state",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statistical_returns",
                        to="accounts.state",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("state", "year", "table"),
            },
        ),
        migrations.CreateModel(
            name="ReturnVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("content", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("one_person_office", models.BooleanField(default=False)),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="indicators.statisticalreturn",
                    ),
                ),
            ],
            options={
                "ordering": ("source", "number"),
            },
        ),
        migrations.CreateModel(
            name="Cell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.CharField(max_length=8)),
                ("column", models.CharField(max_length=8)),
                (
                    "marker",
                    models.CharField(
                        choices=[
                            ("value", "Count"),
                            ("zero", "Zero"),
                            ("not_available", "Not available"),
                            ("not_applicable", "Not applicable"),
                            ("suppressed", "Held back by the State"),
                        ],
                        max_length=16,
                    ),
                ),
                ("value", models.PositiveIntegerField(null=True)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cells",
                        to="indicators.statisticalreturn",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at__isnull", False), ("status", "published")),
                    models.Q(models.Q(("status", "published"), _negated=True), ("published_at", None)),
                    _connector="OR",
                ),
                name="release_published_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("building", "ready"))),
                fields=("status",),
                name="release_one_at_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=models.Q(("year__gte", 2000), ("year__lte", 2099)), name="release_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="releasecontent",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="release_content_hash_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="releasefile",
            constraint=models.UniqueConstraint(
                fields=("content", "table", "language", "format"), name="release_file_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="releasefile",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$"), ("size__gt", 0)),
                name="release_file_has_content",
            ),
        ),
        migrations.AddConstraint(
            model_name="releasefile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "table__in",
                        [
                            "victims-by-sex-and-age",
                            "victims-by-sex-and-exploitation",
                            "victims-by-citizenship-and-place",
                            "victims-by-age-group",
                            "victims-assisted",
                            "victims-repatriated",
                            "offences-recorded",
                            "persons-suspected",
                            "persons-prosecuted",
                            "persons-convicted",
                            "dictionary",
                        ],
                    )
                ),
                name="release_file_in_catalogue",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnupload",
            constraint=models.CheckConstraint(
                condition=models.Q(("year__gte", 2000), ("year__lte", 2099)), name="upload_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="statisticalreturn",
            constraint=models.UniqueConstraint(fields=("state", "year", "table"), name="return_once"),
        ),
        migrations.AddConstraint(
            model_name="statisticalreturn",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "table__in",
                        [
                            "VIC_SEX_AGE",
                            "VIC_SEX_EXP",
                            "VIC_CIT_MOV",
                            "ASS_SEX_AGE",
                            "REP_SEX_AGE",
                            "OFF_EXP",
                            "SUS_SEX",
                            "PRO_SEX",
                            "CON_SEX",
                        ],
                    )
                ),
                name="return_known_table",
            ),
        ),
        migrations.AddConstraint(
            model_name="statisticalreturn",
            constraint=models.CheckConstraint(
                condition=models.Q(("status", "draft"), ("sent_by__isnull", False), _connector="OR"),
                name="return_sent_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="statisticalreturn",
            constraint=models.CheckConstraint(
                condition=models.Q(("year__gte", 2000), ("year__lte", 2099)), name="return_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="returnversion",
            constraint=models.UniqueConstraint(fields=("source", "number"), name="return_version_number"),
        ),
        migrations.AddConstraint(
            model_name="returnversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="return_version_hash_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="returnversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("one_person_office", True),
                    models.Q(("sent_by", models.F("signed_by")), _negated=True),
                    _connector="OR",
                ),
                name="return_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="cell",
            constraint=models.UniqueConstraint(fields=("source", "row", "column"), name="cell_once"),
        ),
        migrations.AddConstraint(
            model_name="cell",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("marker", "value"), ("value__gt", 0), ("value__isnull", False), ("value__lte", 10000000)),
                    models.Q(("marker", "zero"), ("value", 0), ("value__isnull", False)),
                    models.Q(
                        ("marker__in", ("not_available", "not_applicable", "suppressed")), ("value__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="cell_marker_fits_value",
            ),
        ),
    ]
