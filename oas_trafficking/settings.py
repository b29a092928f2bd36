"""Settings of the portal, read from the environment. Nothing here has a default that is unsafe in production."""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from oas_trafficking.env import (
    broker_from_redis_url,
    database_from_url,
    env_bool,
    env_int,
    env_list,
    env_secret,
    env_str,
    files_from_url,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env_str("OAS_VAR", str(BASE_DIR / "var")))

# --- what this process is -------------------------------------------------
DEBUG = env_bool("OAS_DEBUG")  # a developer's error pages, which tell addresses and code: never for anybody else
PLAIN_HTTP = DEBUG or env_bool("OAS_PLAIN_HTTP")  # http://localhost: the deploy check refuses what follows from it
OAS_DEMO = env_bool("OAS_DEMO")  # fictitious data: banner on every page
OAS_AREAS = env_list("OAS_AREAS", "open")
SERVES_OPEN, SERVES_SEALED = "open" in OAS_AREAS, "sealed" in OAS_AREAS
OAS_PDF_OFF = env_str("OAS_PDF_OFF", "")  # why PDF cannot be written on this machine; empty = it can
OAS_VERSION = "0.1"
SECRET_KEY = env_secret("OAS_SECRET_KEY")
SECRET_KEY_FILE = env_str("OAS_SECRET_KEY_FILE", "")
# Opens the secrets of authenticator apps. Two areas, each with a secret key of its own, have this one in common.
FACTOR_KEY_FILE = env_str("OAS_FACTOR_KEY_FILE", "")
FACTOR_KEY = env_secret("OAS_FACTOR_KEY") if FACTOR_KEY_FILE or env_str("OAS_FACTOR_KEY", "") else SECRET_KEY
ALLOWED_HOSTS = env_list("OAS_HOSTS")
CSRF_TRUSTED_ORIGINS = env_list("OAS_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "guardian",
    "core",
    "accounts",
    "indicators",
    "networks",
    "workplan",
    "contributions",
    "rest_framework",
    "drf_spectacular",
    "evaluations",
    "oas_trafficking",
]
if SERVES_SEALED:
    # A process of the open area has no model, route, queue or key of the sealed one.
    INSTALLED_APPS.append("victims")

LOGIN_MIDDLEWARE = "django.contrib.auth.middleware.LoginRequiredMiddleware"
MIDDLEWARE = [
    "core.middleware.RequestIdMiddleware",
    "core.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.maintenance.MaintenanceMiddleware",
    "core.middleware.SecurityHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "contributions.middleware.FloodMiddleware",  # before anything is looked up
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "oas_trafficking.middleware.RefusalMiddleware",
    "oas_trafficking.middleware.PublicPageMiddleware",
    LOGIN_MIDDLEWARE,
    "accounts.middleware.AccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.PlainAddressMiddleware",
    "core.sent_forms.SentFormMiddleware",
]

if SERVES_SEALED:
    MIDDLEWARE.append("victims.middleware.SealedMiddleware")
if not SERVES_OPEN:
    MIDDLEWARE.insert(MIDDLEWARE.index(LOGIN_MIDDLEWARE), "oas_trafficking.middleware.SealedAloneMiddleware")

ROOT_URLCONF = "oas_trafficking.urls"
WSGI_APPLICATION = "oas_trafficking.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oas_trafficking.context.portal",
            ],
        },
    },
]

# --- data -----------------------------------------------------------------
DATABASES = {"default": database_from_url(env_str("DATABASE_URL"))}
# Migrations and the creation of test databases; the web and the workers never log in with it.
DATABASE_OWNER_URL = env_str("DATABASE_OWNER_URL", "")
DATABASES["default"]["ATOMIC_REQUESTS"] = True
DATABASES["default"]["TEST"] = {"NAME": env_str("OAS_TEST_DB", "test_portal")}
# The same database by a connection of its own: refusals and failed sign-ins are kept when a request is rolled back.
# Waiting for a chain's head has an end, should the same request ever hold it on the other connection.
DATABASES["audit"] = {**DATABASES["default"], "ATOMIC_REQUESTS": False}
DATABASES["audit"]["OPTIONS"] = {**DATABASES["default"]["OPTIONS"], "options": "-c lock_timeout=3000"}
# Behind PgBouncer no two transactions are on the same connection, and it takes no options: the patience of the audit
# connection is set by an entry of its own there (docs/operations/pgbouncer.ini).
POOLED = env_bool("OAS_POOLED")
if POOLED:
    DATABASES["audit"] = {**database_from_url(env_str("DATABASE_AUDIT_URL")), "TEST": DATABASES["default"]["TEST"]}
AUDIT_DATABASE = "audit"
DATABASE_ROUTERS = []
# The sealed area has two logins of its own, for records and for their wrapped keys: a query of the open area runs on a
# connection that could not enter it if it tried (docs/adr/0050).
SEALED_DATABASE, SEALED_KEYS_DATABASE = "sealed", "keys"
if SERVES_SEALED:
    for alias, url in ((SEALED_DATABASE, "DATABASE_SEALED_URL"), (SEALED_KEYS_DATABASE, "DATABASE_KEYS_URL")):
        DATABASES[alias] = database_from_url(env_str(url))
        DATABASES[alias]["TEST"] = DATABASES["default"]["TEST"]
    DATABASE_ROUTERS.append("core.db.AreaRouter")
    SEALED_CONTEXT_SECONDS = 60  # a signed context is for one request
    SEALED_SIGNING_KEY_FILE = env_str("OAS_SIGNING_KEY_FILE", str(VAR_DIR / "sealed" / "context.key"))
    # Which cases were erased; the second place is another machine's, for the day when this one is lost.
    ERASURE_FILES = [str(VAR_DIR / "sealed" / "erasures.jsonl"), *env_list("OAS_ERASURES")]
    ERASURE_KEY_FILE = env_str("OAS_ERASURE_KEY_FILE", str(VAR_DIR / "sealed" / "erasures.pem"))
    SEALED_KEY_PROVIDER = env_str("OAS_KEY_PROVIDER", "file")  # or pkcs11; real records need the second
    SEALED_KEY_FOLDER = env_str("OAS_KEY_FOLDER", str(VAR_DIR / "sealed" / "keys"))
    SEALED_PKCS11_MODULE = env_str("OAS_PKCS11_MODULE", "")
    SEALED_PKCS11_TOKEN = env_str("OAS_PKCS11_TOKEN", "")
    SEALED_PKCS11_PIN_FILE = env_str("OAS_PKCS11_PIN_FILE", "")
    SEALED_LOCK = timedelta(minutes=5)  # without a request to the area; static/js/lock.js covers the screen as long
# A standby that follows: figures which may be seconds old are read there (docs/adr/0173). Behind PgBouncer, which takes
# no options, the transactions alone are read-only.
REPLICA_LAG_SECONDS = env_int("OAS_REPLICA_LAG_SECONDS", 30)
REPLICA_DATABASE = "replica" if SERVES_OPEN and env_str("DATABASE_REPLICA_URL", "") else ""
if REPLICA_DATABASE:
    DATABASES["replica"] = {**database_from_url(env_str("DATABASE_REPLICA_URL")), "TEST": {"MIRROR": "default"}}
    _patience = {"connect_timeout": "2", "tcp_user_timeout": "5000"}
    _read_only = {} if POOLED else {"options": "-c default_transaction_read_only=on"}
    DATABASES["replica"]["OPTIONS"] = {**_patience, **DATABASES["replica"]["OPTIONS"], **_read_only}
    DATABASE_ROUTERS.append("core.replica.ReplicaRouter")
for _database in DATABASES.values():
    _database["DISABLE_SERVER_SIDE_CURSORS"] = POOLED
# Heads of the audit chains are signed and written outside the database; the second place is another machine's.
AUDIT_KEY_FILE = env_str("OAS_AUDIT_KEY_FILE", str(VAR_DIR / "audit_key.pem"))
AUDIT_ANCHOR_FILES = [str(VAR_DIR / "anchors.jsonl"), *env_list("OAS_AUDIT_ANCHORS")]
AUDIT_ANCHOR_SECONDS = env_int("OAS_AUDIT_ANCHOR_SECONDS", 600)
# Backups go out encrypted to public keys of age; the private ones are kept where no backup is (docs/adr/0100).
BACKUP_DATABASE = database_from_url(url) if (url := env_str("DATABASE_BACKUP_URL", "")) else None
# Copies the cluster as a whole: base backups, and a standby that follows (docs/adr/0140).
REPLICATION_DATABASE = database_from_url(url) if (url := env_str("DATABASE_REPLICATION_URL", "")) else None
BACKUP_RECIPIENTS = env_list("OAS_BACKUP_RECIPIENTS")
BACKUP_KEY_RECIPIENTS = env_list("OAS_BACKUP_KEY_RECIPIENTS")
PG_BIN = env_str("OAS_PG_BIN", "")  # folder of pg_dump and pg_restore; empty: the search path

REDIS_URL = env_str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal" if SERVES_OPEN else "cases",  # the broker gives each area its own names
    }
}
MEDIA_ROOT = VAR_DIR / "media"  # private: streamed by views after a permission check, never by URL
MAX_UPLOAD_BYTES = (10 if SERVES_OPEN else 3) * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["core.uploads.CappedUploadHandler"]
# A temporary file would hold identities in clear: a process of the sealed area keeps uploads in memory alone.
FILE_UPLOAD_HANDLERS += (
    ["core.uploads.InMemoryUploadHandler"]
    if SERVES_SEALED
    else [
        "django.core.files.uploadhandler.MemoryFileUploadHandler",
        "django.core.files.uploadhandler.TemporaryFileUploadHandler",
    ]
)
# unix:/run/clamav/clamd.ctl or tcp://host:3310; without it files are shown as not scanned.
CLAMD = env_str("OAS_CLAMD", "")
CLAMD_SECONDS = env_int("OAS_CLAMD_SECONDS", 30)
STATIC_URL = "/static/"
STATIC_ROOT = Path(env_str("OAS_STATIC", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": files_from_url(env_str("OAS_FILES_URL", "")),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

# --- jobs -----------------------------------------------------------------
CELERY_BROKER_URL = broker_from_redis_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_DEFAULT_QUEUE = "default"
# The routing key is each queue's own: without one all three would be bound alike and every task come three times.
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("default", "documents", "mail")]
CELERY_TASK_TIME_LIMIT = 900
CELERY_VISIBILITY_TIMEOUT = env_int("OAS_VISIBILITY_TIMEOUT", 1200)  # must stay above the time limit
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_VISIBILITY_TIMEOUT,
    "global_keyprefix": env_str("OAS_BROKER_PREFIX", ""),  # where one server serves several portals, or a test
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": CELERY_VISIBILITY_TIMEOUT}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that refuses for a while (no memory, no disk) is asked again; the worker would stand still for ever.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Whoever reaches the broker could otherwise stop the workers, those of the sealed area too.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TIMEZONE = "UTC"
# Touched by worker, clock and relay at each turn, where a health check asks for it; empty: it is not.
ALIVE_FILE = env_str("OAS_ALIVE_FILE", "")
CELERY_BEAT_SCHEDULER = "core.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "remind": {"task": "workplan.remind", "schedule": 900.0},
    "remove-ended-grants": {"task": "workplan.remove_ended_grants", "schedule": 3600.0},
    "escalate-overdue": {"task": "networks.escalate_overdue", "schedule": 300.0},
    "contribution-digests": {"task": "contributions.send_digests", "schedule": 86_400.0},
    "accreditation-ends": {"task": "contributions.remind_of_end", "schedule": 86_400.0},
    "remind-stale-desks": {"task": "networks.remind_stale_desks", "schedule": 86_400.0},
    "remove-ended-guests": {"task": "networks.remove_ended_guests", "schedule": 3600.0},
    "accounts-remind": {"task": "accounts.remind", "schedule": 3600.0},
    "apply-factor-resets": {"task": "accounts.apply_factor_resets", "schedule": 300.0},
    "sweep-notices": {"task": "accounts.sweep_notices", "schedule": 3600.0},
    "recheck-files": {"task": "core.recheck_files", "schedule": 300.0},
    "sweep-ended": {"task": "core.sweep_ended", "schedule": 3600.0},
    "sweep-job-files": {"task": "core.sweep_job_files", "schedule": 3600.0},
    "write-tallies": {"task": "core.write_tallies", "schedule": 300.0},
    "anchor-audit": {"task": "core.anchor_audit", "schedule": float(AUDIT_ANCHOR_SECONDS)},
}
if SERVES_SEALED:
    # In a queue of its own: a worker of the open area alone knows none of these tasks.
    CELERY_TASK_QUEUES.append(Queue("sealed", routing_key="sealed"))
    # The open area has a clock of its own; two would ask for everything twice.
    CELERY_BEAT_SCHEDULE = CELERY_BEAT_SCHEDULE if SERVES_OPEN else {}
    CELERY_BEAT_SCHEDULE |= {
        "escalate-referrals": {"task": "victims.escalate_referrals", "schedule": 900.0},
        "watch-browsing": {"task": "victims.watch_browsing", "schedule": 900.0},
        "destroy-ended-packages": {"task": "victims.destroy_ended_packages", "schedule": 900.0},
        "note-erasures": {"task": "victims.note_erasures", "schedule": 60.0},
        "propose-retention": {"task": "victims.propose_retention", "schedule": 86_400.0},
        "sweep-keys": {"task": "victims.sweep_keys", "schedule": 3600.0},
    }

# --- people ---------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian would otherwise make a real account for everybody
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.validators.PredictablePasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts exist by invitation only; the invitation proves the address
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers on a stranger's word
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # "fresh" for sensitive actions, accounts.views.fresh
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Per address and per account; the account's limit passes by itself, and a passkey is never held up by it.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,10/h/key",
    "reset_password": "10/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
# How many proxies in front say in a header whose request it is; what else is in the header, anybody can write.
PROXIES = 1 if env_bool("OAS_BEHIND_PROXY") else 0
# --- API ------------------------------------------------------------------
# Each app's views name how one authenticates; a view that forgot would let nobody in.
REST_FRAMEWORK = {
    "NUM_PROXIES": PROXIES,
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "accounts.api.problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
API_RATES = {"read": "600/min", "write": "60/min"}  # of one key, or one address without
CONTRIBUTION_POSTS = "60/min"  # of one session or key (contributions.middleware)
SPECTACULAR_SETTINGS = {
    "TITLE": "Portal of the Work Plan against Trafficking in Persons",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "LanguageEnum": "accounts.enums.Language",
        "EvidenceVisibilityEnum": "workplan.enums.Visibility",
        "RequestKindEnum": "networks.enums.RequestKind",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "oas_trafficking.presenters.api_schema.describe_refusals",
    ],
}

ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "user_token": "accounts.forms.UserTokenForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.FreshCodeForm",
    "activate_totp": "accounts.forms.ActivateAppForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "authenticate_webauthn": "accounts.forms.PasskeyForm",
    "login_webauthn": "accounts.forms.PasskeyAloneForm",
    "reauthenticate_webauthn": "accounts.forms.FreshPasskeyForm",
}
MFA_TOTP_TOLERANCE = 1  # one step for slow typing and clocks; a used step is refused by accounts.forms
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PLAIN_HTTP
# allauth notes an address as unverified where a password was set by a link, and would never let that person set up a
# factor. It means to protect the owner of an address that a stranger signed up with; here nobody signs up.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
USERSESSIONS_ADAPTER = "accounts.adapters.SessionsAdapter"
MFA_TOTP_ISSUER = "Portal OAS"
MFA_RECOVERY_CODE_COUNT = 10
USERSESSIONS_TRACK_ACTIVITY = True  # shown in the list; accounts.middleware writes the moment, the sign-in the row
INVITATION_LIFETIME = timedelta(days=7)
ACCESS_REVIEW_INTERVAL = timedelta(days=90)
FACTOR_RESET_DELAY = timedelta(hours=24)  # the database holds that it is never less

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 8 * 3600  # counted from the last save; accounts.middleware holds the two limits below
SESSION_ABSOLUTE_LIMIT = timedelta(hours=8)
SESSION_IDLE_LIMIT = timedelta(minutes=15)
# Requests that a page makes by itself, by URL name: they keep nobody signed in.
SESSION_PASSIVE_URLS = {"job_progress", "session_left", "entry_presence", "evidence_table"}
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax" if SERVES_OPEN else "Strict"
CSRF_USE_SESSIONS = True

# --- transport and headers (security.md 5.2) ------------------------------
SECURE_COOKIES = not PLAIN_HTTP
SESSION_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_NAME = "__Host-sid" if SECURE_COOKIES else "sid"
CSRF_COOKIE_SECURE = SECURE_COOKIES
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_bool("OAS_BEHIND_PROXY") else None
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not PLAIN_HTTP
SECURE_HSTS_PRELOAD = not PLAIN_HTTP
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # not "no-referrer": docs/adr/0010
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# --- languages ------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("es", _("Spanish")), ("en", _("English")), ("fr", _("French")), ("pt-br", _("Portuguese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["oas_trafficking.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True

# --- mail and logs --------------------------------------------------------
EMAIL_BACKEND = env_str(
    "OAS_EMAIL_BACKEND",
    "django.core.mail.backends.filebased.EmailBackend" if PLAIN_HTTP else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_HOST = env_str("OAS_EMAIL_HOST", "localhost")
EMAIL_PORT = env_int("OAS_EMAIL_PORT", 25)
EMAIL_HOST_USER = env_str("OAS_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env_secret("OAS_EMAIL_PASSWORD") if EMAIL_HOST_USER else ""
EMAIL_USE_TLS = env_bool("OAS_EMAIL_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env_str("OAS_EMAIL_FROM", "portal@example.org")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Those who run the portal; they are told when work is given up.
ADMINS = [("Operator", address) for address in env_list("OAS_OPERATORS")]
# Links in mails begin with this, never with the host a request claims.
PORTAL_ADDRESS = env_str("OAS_ADDRESS", "http://localhost:8000").rstrip("/")

# --- requests to systems of institutions (core.outgoing) ------------------
# A certificate authority beside those of the machine, for instance a government's own.
OUTGOING_CA_FILE = env_str("OAS_OUTGOING_CA", "")
# For tests alone, against a server of their own; the deploy check refuses both.
OUTGOING_TEST_NETWORKS = env_list("OAS_OUTGOING_TEST_NETWORKS")
OUTGOING_TEST_PORTS = [int(port) for port in env_list("OAS_OUTGOING_TEST_PORTS")]

LOG_FORMAT = env_str("OAS_LOG_FORMAT", "line" if PLAIN_HTTP else "json")
SLOW_QUERY_SECONDS = 1.0
METRICS_TOKEN = env_str("OAS_METRICS_TOKEN", "")  # of the scraper; empty: there are no metrics to be had

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "core.middleware.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
        "json": {"()": "core.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "core.access": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
    },
}
