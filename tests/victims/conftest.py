from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.victims import acting_for, make_alert, make_case, make_consent, make_referral
from tests.victims.raw import empty_the_area
from tests.workplan.conftest import books_read_here
from victims.services import search

__all__ = ["books_read_here"]

AREA = ["default", "sealed", "keys"]


@pytest.fixture(scope="module")
def two_states(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, list[Any]]]:
    """Committed for the module: five cases of Costa Rica and five of Guatemala, so that any login may look at them."""
    with django_db_blocker.unblock():
        cases = {}
        for state, other in (("CR", "GT"), ("GT", "CR")):
            with acting_for(state):
                cases[state] = [make_case(number) for number in range(5)]
                search.remember(cases[state][0], {"identity_number": "1", "identity_country": "NI"})
                make_referral(cases[state][0], make_consent(cases[state][0], "recipient", other), {"age": "30"})
            make_alert(state, "somebody")
        yield cases
        empty_the_area()
