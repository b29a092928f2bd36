"""Two machines with a web, a worker and a relay each, on networks of their own; one database and one broker."""

import pytest

from core.testing import record_proof
from tests.system.places import in_name_spaces

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]


def test_either_machine_answers_and_each_job_is_done_once() -> None:
    found = in_name_spaces("tests.system.two_machines", "--mount", "--net")
    record_proof("two_machines", **found)
    assert (found["networks"], found["lost"], found["duplicated"], found["wrong_answers"]) == (2, 0, 0, [])
    assert min(found["jobs_one"], found["jobs_two"]) > 0
