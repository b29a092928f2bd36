"""What a first and a second look at the key pages cost, compressed, in every language (ux: budget of a slow line)."""

import gzip
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from core.testing import record_proof
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import only_a_few_take_part
from tests.workplan.pages import url

pytestmark = pytest.mark.django_db
LANGUAGES = ("es", "en", "fr", "pt-br")
FIRST_KB, AGAIN_KB, REQUESTS = 110, 20, 8
# Who looks, and at what; nobody is the public.
KEY_PAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("", "language_root", ()),
    ("", "get_help", ()),
    ("", "account_login", ()),
    ("", "plan_detail", ()),
    ("", "activity_detail", ("PRV-01",)),
    ("", "data_list", ()),
    ("", "directory_list", ()),
    ("carla", "home", ()),
    ("carla", "report_detail", ("GT-2014-1",)),
    ("carla", "entry_edit", ("GT-2014-1", "PRV-01")),
    ("carla", "report_check", ("GT-2014-1",)),
    ("denise", "dashboard", ()),
    ("denise", "dashboard_answers", ()),
    ("denise", "state_detail", ("br",)),
    ("denise", "report_list", ()),
    ("denise", "submission_matrix", ("2014-1",)),
    ("denise", "evaluation_list", ()),
)
_TAGS = re.compile(r"<(?:link|script|img)\b[^>]*>")
_ADDRESS = re.compile(r'\b(?:href|src)="([^"]+)"')
_IN_STYLE = re.compile(r"url\(\s*[\"']?([^\"')]+)")


def packed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def loaded_with(html: str) -> set[str]:
    """Addresses that a browser loads along with the page; pages that a link leads to are not among them."""
    tags = [tag for tag in _TAGS.findall(html) if not re.search(r'rel="(?:alternate|canonical|next|prev)"', tag)]
    found = {address for tag in tags for address in _ADDRESS.findall(tag)}
    sheets = [address for address in found if address.endswith(".css")]
    inner = {name for sheet in sheets for name in _IN_STYLE.findall(static_file(sheet).read_text(encoding="utf-8"))}
    fonts = {f"/static/vendor/{Path(name).name}" for name in inner if name.endswith(".woff2")}
    return found | fonts


def static_file(address: str) -> Path:
    path = finders.find(urlsplit(address).path.removeprefix("/static/"))
    assert path, address
    return Path(str(path))


def test_a_slow_line_carries_every_key_page(cast: Any) -> None:
    only_a_few_take_part()
    make_evaluation(cast, accepted=3, submitted=1)
    over, foreign, largest, pages = [], [], 0, 0
    for who, name, arguments in KEY_PAGES:
        client = Client()
        if who:
            client.force_login(getattr(cast, who))
        for language in LANGUAGES:
            answer = client.get(url(name, *arguments, language=language))
            assert answer.status_code == 200, (name, answer.status_code)
            html, addresses = packed(answer.content), loaded_with(answer.content.decode())
            foreign += [address for address in addresses if urlsplit(address).netloc]
            first = html + sum(packed(static_file(address).read_bytes()) for address in addresses)
            wrong = (first > FIRST_KB * 1024, html > AGAIN_KB * 1024, len(addresses) + 1 > REQUESTS)
            over += [(name, language, first, html, len(addresses) + 1)] if any(wrong) else []
            largest, pages = max(largest, first), pages + 1
    record_proof("page_weight", pages=pages, over=len(over), largest_kb=round(largest / 1024, 1))
    assert (over, foreign) == ([], [])
    assert pages == len(KEY_PAGES) * len(LANGUAGES)


def test_a_heavier_page_is_noticed() -> None:
    html = '<link rel="stylesheet" href="/static/css/portal.css"><img src="https://elsewhere.example/x.png">'
    assert "https://elsewhere.example/x.png" in loaded_with(html)
    assert packed(static_file("/static/css/portal.css").read_bytes()) > 1000
