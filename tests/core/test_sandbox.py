"""The sandbox ends whatever goes wrong in it, in time, and gives it nothing."""

import time

import pytest

from core.sandbox import SandboxFailed, run

CHILD = "tests.core.sandbox_child"


def test_what_the_child_writes_comes_back() -> None:
    assert run(CHILD, "echo", source=b"abc") == b"cba"


@pytest.mark.parametrize("act", ["memory", "crash", "error", "disk"])
def test_a_child_gone_wrong_is_a_refusal(act: str) -> None:
    with pytest.raises(SandboxFailed):
        run(CHILD, act, source=b"x" * 2_000_000)  # more than a pipe holds: nobody may wait for its reader


@pytest.mark.parametrize("act", ["spin", "sleep"])
def test_time_ends(act: str) -> None:
    began = time.monotonic()
    with pytest.raises(SandboxFailed):
        run(CHILD, act, source=b"", seconds=1)
    assert time.monotonic() - began < 5


def test_the_child_has_no_environment_no_files_and_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAS_SECRET_KEY", "must not leak")
    assert run(CHILD, "look", source=b"").split() == [b"LC_ALL,PYTHONPATH", b"0", b"no", b"network"]
