"""Deploy checks for what must not be forgotten (manage.py check --deploy)."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection


@register(Tags.security, deploy=True)
def safe_settings(app_configs: Any, **kwargs: Any) -> list[Error]:
    wrong = {
        "core.E001": (settings.OAS_DEMO, "OAS_DEMO is on: demo accounts with published secrets would exist."),
        "core.E002": (getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False), "Celery must not run eagerly."),
        "core.E003": (
            settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].get("default-src") != ["'none'"],
            "The content security policy must begin from default-src 'none'.",
        ),
        "core.E004": (
            settings.CELERY_VISIBILITY_TIMEOUT <= settings.CELERY_TASK_TIME_LIMIT,
            "The visibility timeout must be above the task time limit, or tasks run twice.",
        ),
        "core.E006": (
            not Path(settings.AUDIT_KEY_FILE).is_file(),
            "AUDIT_KEY_FILE must name the key of the audit anchors.",
        ),
        "core.E007": (
            len(settings.AUDIT_ANCHOR_FILES) < 2,
            "Set OAS_AUDIT_ANCHORS: the anchors of the audit trail need a second place, away from this machine.",
        ),
        "core.E005": (getattr(settings, "ANONYMOUS_USER_NAME", "") is not None, "guardian must not create a user."),
    }
    return [Error(message, id=code) for code, (is_wrong, message) in wrong.items() if is_wrong]


@register(Tags.database)
def application_role(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Error]:
    """The web and the workers must not log in as a role that sees or changes everything."""
    if not databases or "default" not in databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        unsafe = cursor.fetchone()[0]
    return [Error("The portal must not run as a superuser or with BYPASSRLS.", id="core.E010")] if unsafe else []
