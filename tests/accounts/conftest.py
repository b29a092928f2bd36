from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.sign_in import sign_in
from tests.support import forget_cache


@pytest.fixture(autouse=True)
def _no_throttle_left() -> Iterator[None]:
    """Throttles live in the shared cache: each test begins and ends without any."""
    forget_cache()
    yield
    forget_cache()


@pytest.fixture
def signed_in() -> "object":
    def make(person: User) -> Client:
        client = Client()
        assert sign_in(client, person).status_code == 302
        return client

    return make
