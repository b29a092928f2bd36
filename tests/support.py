"""What several test modules need: counting queries, and growing a list between two looks at it."""

import json
import os
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lxml.html
from allauth.account.internal.userkit import user_id_to_str
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

# Where the processes of one test run leave their counts; conftest sets it and makes one proof of them.
COUNTS_FOLDER = "PORTAL_QUERY_COUNTS"


def note_query_count(page: str, small: int, large: int) -> None:
    """Keep what a page cost with few rows and with many, for the proof `query_counts`."""
    folder = os.environ.get(COUNTS_FOLDER)
    if folder:
        note = {"page": page, "small": small, "large": large}
        (Path(folder) / f"{uuid.uuid4().hex}.json").write_text(json.dumps(note), encoding="utf-8")


def noted_query_counts(folder: Path) -> dict[str, tuple[int, int]]:
    """By page; where a page was measured more than once, the measurement in which it grew most."""
    found: dict[str, tuple[int, int]] = {}
    for file in sorted(folder.glob("*.json")):
        note = json.loads(file.read_text(encoding="utf-8"))
        counts = (note["small"], note["large"])
        before = found.get(note["page"], counts)
        found[note["page"]] = max(before, counts, key=lambda pair: pair[1] - pair[0])
    return found


def note_figures(proof: str, **figures: int) -> None:
    """Keep one part of a proof that several tests, in several processes, make together."""
    folder = os.environ.get(COUNTS_FOLDER)
    if folder:
        note = json.dumps({"proof": proof, "figures": figures})
        (Path(folder) / f"{uuid.uuid4().hex}.part").write_text(note, encoding="utf-8")


def noted_figures(folder: Path) -> dict[str, Counter[str]]:
    """The sums, by proof; a figure that is zero in every part is a figure too."""
    sums: dict[str, Counter[str]] = {}
    for file in folder.glob("*.part"):
        note = json.loads(file.read_text(encoding="utf-8"))
        sums.setdefault(note["proof"], Counter()).update(note["figures"])
    return sums


def forget_cache() -> None:
    """Of this process of the tests alone: clear() would empty the server, of other processes and of the broker too."""
    cache.delete_pattern("*")


def queries_of(client: Client, url: str, **extra: Any) -> list[str]:
    """SQL of one GET that answers 200; the savepoint around the view is no query of the page."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(url, **extra)
    assert response.status_code == 200, (url, response.status_code)
    frame = ("SAVEPOINT", "RELEASE SAVEPOINT")
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(frame)]


def assert_same_queries(client: Client, url: str, grow: Callable[[], Any], *, more_url: str = "") -> int:
    """The page costs as many queries with few rows as after `grow()`; returns how many.

    `more_url`, where given, is the address that shows the many rows.
    """
    client.get(url)  # caches of the process are not the page's
    few = queries_of(client, url)
    grow()
    client.get(more_url or url)  # the first look at a version is recorded
    many = queries_of(client, more_url or url)
    note_query_count(resolve(urlsplit(url).path).url_name or url, len(few), len(many))
    new = "\n".join(sql for sql in many if sql not in few)
    assert len(many) == len(few), f"{url}: {len(few)} queries with few rows, {len(many)} with many. New:\n{new}"
    return len(few)


def sign_in_fresh(client: Client, user: Any) -> None:
    """The session that a sign-in with a second factor left a moment ago: step-up does not ask again."""
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session, now = client.session, time.time()
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session["account_authentication_methods"] = [
        {"method": "password", "at": now, "email": user.email},
        {"method": "mfa", "at": now, "type": "totp"},
    ]
    session.save()


def form_of(page: str, box: str) -> dict[str, str]:
    """What a browser would send of the form that holds a box, as the page stands, by no button."""
    found = next(form for form in lxml.html.fromstring(page).forms if box in form.fields)
    # A browser takes no notice of the line break with which a text area begins.
    return {name: value.removeprefix("\n") for name, value in found.form_values() if name != "csrfmiddlewaretoken"}
