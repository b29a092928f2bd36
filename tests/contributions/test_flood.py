"""The anonymous form is counted by the address it comes from, whatever else a request makes up."""

from typing import Any

from django.conf import settings as portal
from django.http import HttpResponse
from django.test import RequestFactory

from contributions.middleware import FloodMiddleware
from tests.support import forget_cache


def statuses(path: str, **address: str) -> list[int]:
    answer = FloodMiddleware(lambda _request: HttpResponse())
    requests = []
    for number in range(3):
        request = RequestFactory().post(path, headers={"Authorization": f"Bearer {number}"}, **address)
        request.COOKIES[portal.SESSION_COOKIE_NAME] = f"made-up-{number}"
        requests.append(request)
    return [answer(request).status_code for request in requests]


def test_nobody_makes_up_who_they_are(settings: Any) -> None:
    settings.CONTRIBUTION_POSTS = "2/min"
    forget_cache()
    assert statuses("/en/accreditation/apply/", REMOTE_ADDR="192.0.2.1") == [200, 200, 429]
    assert statuses("/en/accreditation/apply/", REMOTE_ADDR="192.0.2.2") == [200, 200, 429]
    forget_cache()
    # Each key is counted by itself, and so is each session; whether it is a true one is asked next.
    assert statuses("/api/v1/contributions/") == [200, 200, 200]
    assert statuses("/en/contributions/new/") == [200, 200, 200]
