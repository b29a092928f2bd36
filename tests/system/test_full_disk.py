"""Small disks for files, database and broker, each filled ten times under a running portal (B74)."""

import pytest

from core.testing import record_proof
from tests.system.places import in_name_spaces

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]


def test_a_full_disk_loses_nothing_and_mends_itself() -> None:
    found = in_name_spaces("tests.system.full_disk", "--mount")
    record_proof("disk_full", **found)
    wanted = dict.fromkeys(("lost", "unchecked", "half_written", "dead_letters", "trail_faults"), 0)
    assert {name: found[name] for name in wanted} == wanted
    assert (found["wrong_answers"], found["unreadable"], found["doctor_warns"]) == ([], "", True)
