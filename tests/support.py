"""What several test modules need: counting queries, and growing a list between two looks at it."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def queries_of(client: Client, url: str, **extra: Any) -> list[str]:
    """SQL of one GET that answers 200."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(url, **extra)
    assert response.status_code == 200, (url, response.status_code)
    return [query["sql"] for query in captured.captured_queries]


def assert_same_queries(client: Client, url: str, grow: Callable[[], Any], *, more_url: str = "") -> int:
    """The page costs as many queries with few rows as after `grow()`; returns how many.

    `more_url`, where given, is the address that shows the many rows.
    """
    client.get(url)  # caches of the process are not the page's
    few = queries_of(client, url)
    grow()
    many = queries_of(client, more_url or url)
    new = "\n".join(sql for sql in many if sql not in few)
    assert len(many) == len(few), f"{url}: {len(few)} queries with few rows, {len(many)} with many. New:\n{new}"
    return len(few)
