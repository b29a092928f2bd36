"""The settings of the tests: the real ones, with a cheap hasher, mail kept in memory and plain static files."""

from oas_trafficking.settings import *  # noqa: F403
from oas_trafficking.settings import ALLOWED_HOSTS, DATABASES, STATIC_ROOT, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
DATABASES["default"]["CONN_MAX_AGE"] = 0
ALLOWED_HOSTS += ["testserver", "localhost", "127.0.0.1"]
# A test's rows are not committed, so a second connection would not see them: the events of a rolled back request
# are tested with real commits and the real alias (tests/core/test_audit.py).
AUDIT_DATABASE = "default"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where the folder is missing
