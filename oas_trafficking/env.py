"""Typed access to the environment. What is wrong stops the process with a sentence that names the variable."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LOOPBACK = {"localhost", "127.0.0.1", "::1"}  # plain HTTP leaves the machine nowhere else


def env_str(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment.")
    return value


def env_bool(name: str, *, default: bool = False) -> bool:
    value = os.environ.get(name, "1" if default else "0").lower()
    if value not in {"0", "1", "true", "false", "yes", "no"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")
    return value in {"1", "true", "yes"}


def env_int(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def env_secret(name: str) -> str:
    """Read NAME, or the file that NAME_FILE points to. A secret has no default."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return env_str(name)


def database_from_url(url: str) -> dict[str, Any]:
    """Turn postgres://user:password@host:port/name?host=/socket/folder into Django's settings."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("The portal runs on PostgreSQL only: the URL must begin with postgres://")
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def broker_from_redis_url(url: str) -> str:
    """Celery spells a Unix socket differently from redis-py: redis+socket:///path?virtual_host=0."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[-1]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def files_from_url(url: str) -> dict[str, Any]:
    """Django's storage: the folder of private files, or s3://bucket/prefix?endpoint=https://host&region=name."""
    login = {"OAS_FILES_KEY", "OAS_FILES_KEY_FILE", "OAS_FILES_SECRET", "OAS_FILES_SECRET_FILE"}
    if not url:
        if given := sorted(login & os.environ.keys()):
            raise ImproperlyConfigured(f"{given[0]} is of no use without OAS_FILES_URL.")
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    if find_spec("botocore") is None:
        raise ImproperlyConfigured("OAS_FILES_URL needs the packages of requirements/s3.txt.")
    options = _object_storage(url)
    return {
        "BACKEND": "core.storage.ObjectStorage",
        "OPTIONS": {**options, "key": env_secret("OAS_FILES_KEY"), "secret": env_secret("OAS_FILES_SECRET")},
    }


def _object_storage(url: str) -> dict[str, str]:
    """The URL itself is in no message: somebody may have written the secret into it."""
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme != "s3" or parts.netloc != parts.hostname or options.keys() != {"endpoint", "region"}:
        raise ImproperlyConfigured("OAS_FILES_URL must be s3://bucket/prefix?endpoint=https://host&region=name.")
    endpoint = urlsplit(options["endpoint"])
    safe = endpoint.scheme == "https" or (endpoint.scheme == "http" and endpoint.hostname in LOOPBACK)
    if not safe or not endpoint.hostname or endpoint.path.strip("/") or endpoint.query or "@" in endpoint.netloc:
        raise ImproperlyConfigured("The endpoint of OAS_FILES_URL must be https://host, with a port if need be.")
    prefix = unquote(parts.path).strip("/")
    return {"bucket": parts.netloc, "prefix": f"{prefix}/" if prefix else "", **options}
