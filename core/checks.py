"""Deploy checks for what must not be forgotten (manage.py check --deploy)."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection, connections

LOCAL = {"", "localhost", "127.0.0.1", "::1"}


@register(Tags.security, deploy=True)
def safe_settings(app_configs: Any, **kwargs: Any) -> list[Error]:
    signs_heads = settings.SERVES_OPEN  # a process of the sealed area alone writes into the trail, no more
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
            signs_heads and not Path(settings.AUDIT_KEY_FILE).is_file(),
            "AUDIT_KEY_FILE must name the key of the audit anchors.",
        ),
        "core.E007": (
            signs_heads and len(settings.AUDIT_ANCHOR_FILES) < 2,
            "Set OAS_AUDIT_ANCHORS: the anchors of the audit trail need a second place, away from this machine.",
        ),
        "core.E011": (
            signs_heads and any(Path(name).is_dir() for name in settings.AUDIT_ANCHOR_FILES),
            "OAS_AUDIT_ANCHORS must name a file, not a folder.",
        ),
        "core.E008": (
            any(not _is_private(database) for database in settings.DATABASES.values()),
            "A database on another machine is reached by sslmode=verify-full alone.",
        ),
        "core.E009": (
            urlsplit(settings.REDIS_URL).scheme == "redis" and urlsplit(settings.REDIS_URL).hostname not in LOCAL,
            "A broker on another machine is reached by rediss:// alone.",
        ),
        "core.E012": (
            bool(settings.OUTGOING_TEST_NETWORKS or settings.OUTGOING_TEST_PORTS),
            "OAS_OUTGOING_TEST_NETWORKS and _PORTS are for tests: notices would reach machines of this network.",
        ),
        "core.E005": (getattr(settings, "ANONYMOUS_USER_NAME", "") is not None, "guardian must not create a user."),
    }
    return [Error(message, id=code) for code, (is_wrong, message) in wrong.items() if is_wrong]


def _is_private(database: dict[str, Any]) -> bool:
    """By a socket, on this machine, or encrypted to a server whose certificate is checked."""
    host = database["HOST"]
    return host.startswith("/") or host in LOCAL or database["OPTIONS"].get("sslmode") == "verify-full"


@register(Tags.security, deploy=True)
def safe_sign_in(app_configs: Any, **kwargs: Any) -> list[Error]:
    """What the promises about signing in rest on."""
    address = urlsplit(settings.PORTAL_ADDRESS)
    wide = [host for host in settings.ALLOWED_HOSTS if host.startswith((".", "*"))]
    wrong = {
        "accounts.E001": (
            settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN,
            "Passkeys must be bound to their origin: MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN is on.",
        ),
        "accounts.E002": (
            # The host of the request is the party a passkey is bound to; a wildcard would leave it to the request.
            bool(wide) or address.scheme != "https" or address.hostname not in settings.ALLOWED_HOSTS,
            "OAS_HOSTS must name the hosts without wildcards, and OAS_ADDRESS one of them, with https.",
        ),
        "accounts.E003": (
            not {"totp", "webauthn", "recovery_codes"} <= set(settings.MFA_SUPPORTED_TYPES),
            "MFA_SUPPORTED_TYPES must offer passkeys, authenticator apps and recovery codes.",
        ),
        "accounts.E004": (
            not settings.PASSWORD_HASHERS[0].endswith(".Argon2PasswordHasher"),
            "The first of PASSWORD_HASHERS must be Argon2.",
        ),
        "accounts.E005": (
            not _session_cookie_is_safe(),
            "The session cookie must be __Host-, Secure, HttpOnly and Lax.",
        ),
        "accounts.E006": (not _limits_are_kept(), "The limits of sessions and of a fresh sign-in are too long."),
    }
    return [Error(message, id=code) for code, (is_wrong, message) in wrong.items() if is_wrong]


def _session_cookie_is_safe() -> bool:
    # A browser takes a __Host- cookie with path / and without a domain only.
    bound = settings.SESSION_COOKIE_PATH == "/" and settings.SESSION_COOKIE_DOMAIN is None
    flags = settings.SESSION_COOKIE_SECURE and settings.SESSION_COOKIE_HTTPONLY
    named = settings.SESSION_COOKIE_NAME.startswith("__Host-") and settings.CSRF_USE_SESSIONS
    return bool(bound and flags and named and settings.SESSION_COOKIE_SAMESITE in {"Lax", "Strict"})


def _limits_are_kept() -> bool:
    idle, absolute = settings.SESSION_IDLE_LIMIT, settings.SESSION_ABSOLUTE_LIMIT
    fresh = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return bool(idle <= timedelta(minutes=15) and absolute <= timedelta(hours=8) and fresh <= 300)


@register(Tags.security, deploy=True)
def safe_sealed_area(app_configs: Any, **kwargs: Any) -> list[Error]:
    """What keeps real records apart. A demonstration serves both areas in one process, with keys in files."""
    if not settings.SERVES_SEALED:
        return []
    wrong = {
        "sealed.E001": (settings.SERVES_OPEN, "OAS_AREAS: a process serves the sealed area or the open one."),
        "sealed.E002": (
            settings.SEALED_KEY_PROVIDER != "pkcs11",
            "OAS_KEY_PROVIDER must be pkcs11.",
        ),
        "sealed.E004": (
            settings.FACTOR_KEY == settings.SECRET_KEY,
            "Set OAS_FACTOR_KEY, the same in both areas: codes of apps are good in both.",
        ),
        "sealed.E003": (settings.SESSION_COOKIE_SAMESITE != "Strict", "The session cookie must be Strict."),
    }
    return [Error(message, id=code) for code, (is_wrong, message) in wrong.items() if is_wrong]


@register(Tags.database)
def sealed_logins(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Error]:
    """The way in is the sealed login's alone, and it inherits nothing: a role must be entered."""
    aliases = [settings.SEALED_DATABASE, settings.SEALED_KEYS_DATABASE] if settings.SERVES_SEALED else []
    wanted = {alias: (alias == settings.SEALED_DATABASE, False) for alias in ("default", *aliases)}
    if not databases or "default" not in databases:
        return []
    found = {alias: _memberships(alias) for alias in wanted}
    wrong = [alias for alias, held in found.items() if held is not None and held != wanted[alias]]
    return [Error(f"The login of {alias} must not reach the sealed area so.", id="sealed.E010") for alias in wrong]


def _memberships(alias: str) -> tuple[bool, bool] | None:
    """(may enter the working role, inherits it); None where the area was never set up."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(session_user, oid, 'MEMBER'), pg_has_role(session_user, oid, 'USAGE')"
            " FROM pg_roles WHERE rolname = 'oas_sealed'"
        )
        return cursor.fetchone()  # type: ignore[no-any-return]


@register(Tags.database)
def application_role(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Error]:
    """The web and the workers must not log in as a role that sees or changes everything."""
    if not databases or "default" not in databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        unsafe = cursor.fetchone()[0]
    return [Error("The portal must not run as a superuser or with BYPASSRLS.", id="core.E010")] if unsafe else []
