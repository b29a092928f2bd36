"""Every answer carries its headers: pages, refusals, errors, redirects, files; and forms ask for their token."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client

from tests.access.headers import wrong_headers
from tests.access.policy import SEES, URLS
from tests.access.world import World


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/en/account/login/", 200),
        ("GET", "/en/home/", 302),
        ("GET", "/en/no-such-page/", 404),
        ("GET", "/no-such-page", 404),
        ("DELETE", "/health/live/", 405),
        ("GET", "/health/live/", 200),
        ("GET", "/static/no-such-file.css", 404),
    ],
)
def test_headers_for_a_stranger(db: None, client: Client, method: str, address: str, status: int) -> None:
    response = client.generic(method, address)
    assert response.status_code == status
    assert wrong_headers(response, signed_in=False) == []


def test_headers_of_a_static_file(db: None, settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "portal.css").write_text("p {}", encoding="ascii")
    response = Client().get("/static/portal.css")
    assert (response.status_code, b"".join(response.streaming_content)) == (200, b"p {}")
    assert wrong_headers(response, signed_in=False) == []


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/en/home/", 200), ("GET", "/en/audit/", 403), ("DELETE", "/en/home/", 405), ("GET", "/en/none/", 404)],
)
def test_nothing_of_a_session_is_stored(
    cast: SimpleNamespace, client: Client, method: str, address: str, status: int
) -> None:
    client.force_login(cast.ana)
    response = client.generic(method, address)
    assert response.status_code == status
    assert wrong_headers(response, signed_in=True) == []


def test_an_error_has_its_headers_and_says_nothing(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the secret of the stack")

    monkeypatch.setattr("workplan.querysets.ReportQuerySet.visible_to", broken)
    client = Client(raise_request_exception=False)
    client.force_login(cast.ana)
    response = client.get("/en/reports/")
    assert response.status_code == 500
    assert wrong_headers(response, signed_in=True) == []
    assert "secret of the stack" not in response.content.decode()


@pytest.mark.parametrize("url", sorted(name for name, row in URLS.items() if row.post is not None))
def test_no_form_is_taken_without_its_token(world: World, url: str) -> None:
    target = next(iter(SEES[URLS[url].over])) if URLS[url].over else ""
    actor = "case_worker" if URLS[url].walled else "focal_point"  # nobody else is told that the sealed area has a page
    client = world.client(actor)
    client.handler.enforce_csrf_checks = True
    refused = 401 if url.startswith("api_") else 403  # the API knows keys alone: a session's cookie opens nothing there
    assert client.post(world.address(url, target, actor)).status_code == refused


def test_a_form_from_another_site_is_refused(cast: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.ana)
    client.get("/en/account/profile/")
    token = client.session["_csrftoken"]
    data = {"csrfmiddlewaretoken": token}
    assert client.post("/en/account/profile/", data, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/en/account/profile/", data).status_code == 422


PRODUCTION = """
import json
from django.conf import settings
names = ("DEBUG", "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
         "CSRF_USE_SESSIONS", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS",
         "SECURE_HSTS_PRELOAD", "LANGUAGE_COOKIE_SECURE")
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def test_cookies_and_transport_in_production() -> None:
    off = dict.fromkeys(("OAS_DEBUG", "OAS_PLAIN_HTTP", "OAS_DEMO"), "0")
    env = {**os.environ, **off, "DJANGO_SETTINGS_MODULE": "oas_trafficking.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PRODUCTION], env=env, cwd=project.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {
        "DEBUG": False,
        "SESSION_COOKIE_NAME": "__Host-sid",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_USE_SESSIONS": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SECURE_HSTS_PRELOAD": True,
        "LANGUAGE_COOKIE_SECURE": True,
    }
