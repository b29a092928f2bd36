from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.victims import acting_for, make_case
from tests.victims.raw import empty_the_area
from tests.workplan.conftest import books_read_here

__all__ = ["books_read_here"]

AREA = ["default", "sealed", "keys"]


@pytest.fixture(scope="module")
def two_states(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, list[Any]]]:
    """Committed for the module: five cases of Costa Rica and five of Guatemala, so that any login may look at them."""
    with django_db_blocker.unblock():
        cases = {}
        for state in ("CR", "GT"):
            with acting_for(state):
                cases[state] = [make_case(number) for number in range(5)]
        yield cases
        empty_the_area()
