"""The settings of the tests: the real ones, with a cheap hasher, mail kept in memory and plain static files."""

import os
import re

# Both areas. A server that was given without the logins of the sealed area is asked with the application's password.
os.environ["OAS_AREAS"] = "open,sealed"
for name, login in (
    ("DATABASE_SEALED_URL", "oas_case"),
    ("DATABASE_KEYS_URL", "oas_keys"),
    ("DATABASE_BACKUP_URL", "oas_backup"),
):
    os.environ.setdefault(name, re.sub(r"//[^:@/]+", f"//{login}", os.environ["DATABASE_URL"], count=1))

from oas_trafficking.settings import *  # noqa: E402, F403
from oas_trafficking.settings import ALLOWED_HOSTS, API_RATES, CACHES, DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Names of its own for each process of a run: limits that one counts are not forgotten by another.
CACHES["default"]["KEY_PREFIX"] = f"tests-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
for database in DATABASES.values():
    database["CONN_MAX_AGE"] = 0
ALLOWED_HOSTS += ["testserver", "localhost", "127.0.0.1"]
# A test's rows are not committed, so a second connection would not see them: the events of a rolled back request
# are tested with real commits and the real alias (tests/core/test_audit.py).
AUDIT_DATABASE = "default"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where the folder is missing
API_RATES.clear()  # tests ask fast, too
CONTRIBUTION_POSTS = "1000000/min"  # tests post fast; the test of floods sets the true one
