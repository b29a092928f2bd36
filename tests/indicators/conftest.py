import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.middleware import PROTECTED, SEEN, STARTED
from accounts.models import User
from tests.workplan.conftest import books_read_here

__all__ = ["books_read_here"]


@pytest.fixture
def client_of() -> Callable[[User | None], Client]:
    """A browser in which this person is signed in."""

    def make(person: User | None) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
            session = client.session
            session[STARTED] = session[SEEN] = time.time()
            session[PROTECTED] = True
            session.save()
        return client

    return make


@pytest.fixture
def media(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path
