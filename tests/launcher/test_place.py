"""Where a stack keeps its data, and that only one launcher at a time runs servers on it."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from oas_trafficking.launcher.place import Claim, Place

ROOT = Path(__file__).resolve().parents[2]
HOLD_CLAIM = """
import sys, time
from pathlib import Path
from oas_trafficking.launcher.place import Claim, Place
claim = Claim(Place(Path(sys.argv[1])))
claim.publish({"address": "http://localhost:8000/"})
print("held", flush=True)
time.sleep(60)
"""


def test_second_claim_learns_who_holds_the_place_and_gets_it_when_that_launcher_is_killed(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_CLAIM, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        second = Claim(Place(tmp_path))
        assert not second.mine
        assert second.facts() == {"pid": holder.pid, "address": "http://localhost:8000/"}
        second.release()
        holder.kill()
    third = Claim(Place(tmp_path))
    assert third.mine
    third.release()


def test_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    place = Place(tmp_path)
    secret = place.secret("oas_app")
    assert len(secret) == 64
    assert place.secret("oas_app") == secret
    assert place.secret("oas_owner") != secret
    assert stat.S_IMODE(place.secret_file("oas_app").stat().st_mode) == 0o600


def test_lock_file_with_passwords_is_readable_by_its_owner_alone(tmp_path):
    claim = Claim(Place(tmp_path))
    assert stat.S_IMODE(claim.path.stat().st_mode) == 0o600
    claim.release()


@pytest.mark.parametrize(("depth", "is_inside"), [(1, True), (12, False)])
def test_sockets_of_a_deep_folder_go_to_a_short_one(depth, is_inside):
    with tempfile.TemporaryDirectory(dir="/tmp") as base:  # pytest's own folder is as long as the account's name
        place = Place(Path(base).joinpath(*["a-folder"] * depth))
        assert (place.sockets.parent == place.var) is is_inside
        assert len(f"{place.sockets}/.s.PGSQL.5432.lock") <= 107
        place.clean_up()
        assert place.sockets.exists() is is_inside


def test_temporary_place_is_gone_after_use():
    place = Place.temporary()
    place.secret("anything")
    place.clean_up()
    assert not place.var.exists()
