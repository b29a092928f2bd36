"""The page of installing, followed to the end with the servers of Debian: two areas on two names, a wall between."""

import pytest

from core.testing import record_proof
from tests.system.places import in_name_spaces

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]


def test_the_page_of_installing_leads_to_a_sound_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    found = in_name_spaces("tests.system.installation", "--mount", "--net")
    record_proof("installation", **found)
    assert (found["wrong"], found["let_in"], found["not_good"]) == (0, 0, [])
    assert (found["signed_in"], found["mails"]) == (2, 1)
    assert (found["alive"], found["open_alone"]) == (6, 8)
    assert found["attempts_429"] > 30
    assert found["pages_429"] > 0
