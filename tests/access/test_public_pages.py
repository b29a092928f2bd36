"""What a stranger gets: no cookie, a page that caches keep until it changes, and nothing that is not published."""

import re
from collections.abc import Iterator
from typing import Any

from django.test import Client

from oas_trafficking.presenters.public import CACHED, FEEDS, INDEXED, WITH_AN_OBJECT
from tests.access.canaries import NEVER
from tests.access.matrix import everything, families_in, leaked_families
from tests.access.policy import SEES, URLS
from tests.access.world import World
from tests.workplan.pages import url

LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)')


def readable(world: World) -> Iterator[str]:
    """Every page that caches may keep, for whoever has no session."""
    for name in sorted(CACHED):
        row = URLS[name]
        for target in SEES[row.over] if row.over else [""]:
            yield world.address(name, target, "public")


def test_what_a_stranger_reads_sets_no_cookie_and_is_kept_until_it_changes(world: World) -> None:
    seen = set()
    for address in readable(world):
        response = Client().get(address)
        assert (address, dict(response.cookies), "Set-Cookie" in response) == (address, {}, False)
        if response.status_code != 200:
            continue
        assert response["Cache-Control"] == "public, max-age=0, must-revalidate", address
        assert "cookie" in response["Vary"].lower(), address
        again = Client().get(address, headers={"If-None-Match": response["ETag"]})
        assert (address, again.status_code, again.content) == (address, 304, b"")
        seen.add(response.resolver_match.url_name)
    assert seen == CACHED


def test_pages_for_search_engines_name_themselves_and_their_languages(world: World) -> None:
    client = Client()
    for name in (*INDEXED, *WITH_AN_OBJECT):
        row = URLS[name]
        address = world.address(name, next(iter(SEES[row.over])) if row.over else "", "public")
        html = client.get(address).content.decode()
        rest = address.removeprefix("/en/")
        assert f'<link rel="canonical" href="http://testserver{address}">' in html
        assert re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="http://testserver/([^"]+)">', html) == [
            (code, f"{code}/{rest}") for code in ("en", "es", "fr", "pt-br")
        ]
        assert (
            len(re.findall(r"<title>[^<·]+ ·", html))
            == len(re.findall('<meta name="description" content="..', html))
            == 1
        )
    for closed in (url("account_login"), url("accreditation_apply")):
        assert '<meta name="robots" content="noindex">' in client.get(closed).content.decode()


def walked(world: World) -> Iterator[tuple[str, Any]]:
    """Everything a stranger comes to from the public pages, the site map, the feeds and the public API, files too."""
    client = world.client("public")
    waiting = ["/", "/sitemap.xml", "/robots.txt", "/api/v1/", *readable(world)]
    waiting += [url("feed", kind) for kind in FEEDS]
    waiting += [
        world.address(name, "", "public")
        for name, row in URLS.items()
        if row.public and name.startswith("api_") and not row.over
    ]
    done: set[str] = set()
    while waiting:
        address = waiting.pop()
        if address in done or NEVER in address or not address.startswith(("/en/", "/api/", "/sitemap", "/robots")):
            continue
        done.add(address)
        response = client.get(address)
        text = everything(response)
        yield address, text
        if "html" in response.get("Content-Type", ""):
            waiting += [link.replace("&amp;", "&") for link in LINK.findall(text)]


def test_no_public_page_feed_file_or_header_holds_what_is_not_published(world: World) -> None:
    """The world holds a text of every kind that is not for everybody, each marked with whose it is."""
    leaks, pages, published = [], 0, False
    for address, text in walked(world):
        leaks += [(address, family) for family in leaked_families(text, "public")]
        published = published or "PUBLIC" in families_in(text)
        pages += 1
    assert leaks == []
    assert published, "what is published is not found either"
    assert pages > 100
