"""What every page's frame needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    return {"demo": settings.OAS_DEMO, "version": settings.OAS_VERSION, "nav_items": []}
