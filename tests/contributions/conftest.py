"""An accredited organization and an open period."""

from typing import Any

import pytest

from tests.factories.contributions import make_accreditation


@pytest.fixture
def partner(cast: Any, open_round: Any) -> Any:
    """The cast, with Paula's organization accredited for Costa Rica and Guatemala and a period to contribute to."""
    cast.round = open_round
    cast.accreditation = make_accreditation(cast.partner, cast)
    return cast
