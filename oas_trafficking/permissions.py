"""Which pages a process serves: one of the sealed area alone has none of the open area's."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

# What cannot be done without there: signing in, one's own account, the state of a job and of the process. Not who else
# has one: links in mails are made and opened in the open area.
NEEDED = ("victims.", "core.", "allauth.", "accounts.views.own")
# The frame of every page leads to these, and they read nothing that anybody sent.
NEEDED_PAGES = frozenset({"language_choice", "get_help", "help", "accessibility", "privacy", "robots"})


def is_served(view: Callable[..., Any], name: str | None) -> bool:
    return bool(settings.SERVES_OPEN) or name in NEEDED_PAGES or view.__module__.startswith(NEEDED)
