"""What the running code offers: every URL, task and command, found by looking, never by remembering."""

from collections.abc import Iterator
from typing import Any

from celery import current_app
from django.apps import apps
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver

Pattern = tuple[str, str, Any]  # name, route, view


def urls(resolver: URLResolver | None = None, before: str = "") -> Iterator[Pattern]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from urls(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or route, route, pattern.callback


def public_urls(patterns: list[Pattern]) -> set[str]:
    """URLs that the middleware lets anybody reach."""
    return {name for name, _route, view in patterns if not getattr(view, "login_required", True)}


def _ours() -> set[str]:
    libraries = {"csp", "guardian", "allauth", "rest_framework", "drf_spectacular"}
    return {config.name for config in apps.get_app_configs() if "." not in config.name} - libraries


def tasks() -> set[str]:
    current_app.loader.import_default_modules()
    return {name for name in current_app.tasks if not name.startswith("celery.")}


def commands() -> set[str]:
    ours = _ours()
    return {name for name, app in get_commands().items() if app in ours}


def without_a_row(found: set[str], table: set[str]) -> list[str]:
    """What the table lacks, and what it has that is gone."""
    return sorted(found ^ table)
