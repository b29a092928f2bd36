"""Settings for the type checker, which needs the models but no server."""

import os

os.environ.setdefault("OAS_SECRET_KEY", "for-the-type-checker-only")
os.environ.setdefault("DATABASE_URL", "postgres://nobody@/nothing")
os.environ.setdefault("REDIS_URL", "redis://localhost/0")
os.environ["OAS_AREAS"] = "open,sealed"
os.environ.setdefault("DATABASE_SEALED_URL", "postgres://nobody@/nothing")
os.environ.setdefault("DATABASE_KEYS_URL", "postgres://nobody@/nothing")

from oas_trafficking.settings import *  # noqa: F403
