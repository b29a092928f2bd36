"""Places for tests that hurt servers: PostgreSQL answers when the disk has it, as in production.

The populated one is made once for each state of migrations and data, kept in `var`, and copied.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from oas_trafficking.launcher.console import fingerprint, is_done
from oas_trafficking.launcher.place import ROOT, Place
from oas_trafficking.launcher.stack import Stack

TEMPLATE = ROOT / "var" / "test-place"
MADE_OF = ("*/migrations/*.py", "*/management/**/*.py", "*/demo/**/*.py", "*/data/**/*", "static/**/*")


@contextmanager
def lasting_place(*, archives: bool = False, populated: bool = False) -> Iterator[Place]:
    """Not below pytest's own folder, which another run closes to PostgreSQL's account."""
    folder = Path(tempfile.mkdtemp(prefix="portal-"))
    folder.chmod(0o711)
    if populated:
        copy_populated(folder)
    try:
        yield Place(folder, archives=archives)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_stack(place: Place) -> Iterator[Stack]:
    """Servers of its own, the secrets of its place, and the error pages of production, whatever a shell has set."""
    with Stack(place, use_given_servers=False) as stack:
        place.secret("secret_key")
        stack.env |= {"OAS_SECRET_KEY_FILE": str(place.secret_file("secret_key")), "OAS_DEBUG": "0"}
        stack.env["DJANGO_SETTINGS_MODULE"] = "oas_trafficking.settings"  # not those of the tests
        stack.start_servers()
        prove_own(stack)
        yield stack


def prove_own(stack: Stack) -> None:
    """The server that will be hurt is the child of this process and works on this place."""
    child = next(child for child in stack.supervisor.children if child.service.name == "postgres")
    first, folder, *_ = (stack.place.var / "pg" / "postmaster.pid").read_text().splitlines()
    assert (int(first), folder) == (child.process.pid, str(stack.place.var / "pg")), "not a server of this test"


def copy_populated(folder: Path) -> None:
    """With the owners of the files: as root, the database is another account's."""
    with (ROOT / "var" / "test-place.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = fingerprint(path for pattern in MADE_OF for path in ROOT.glob(pattern) if path.is_file())
        stamp = TEMPLATE / "stamp"
        if not is_done(stamp, wanted):
            _make_template()
            stamp.write_text(wanted)
        subprocess.run(["cp", "-a", f"{TEMPLATE}/.", str(folder)], check=True)
    folder.chmod(0o711)


def _make_template() -> None:
    shutil.rmtree(TEMPLATE, ignore_errors=True)
    TEMPLATE.mkdir(mode=0o711)
    with own_stack(Place(TEMPLATE)) as stack:
        stack.prepare_data()
    shutil.rmtree(TEMPLATE / "run")


def in_name_spaces(module: str, *kinds: str) -> dict[str, Any]:
    """Run a module in name spaces of its own, which nobody else sees and which go with it; the figures it prints last.

    An ordinary user becomes root of a user name space. Where the machine forbids that, the test fails and says so.
    """
    program = shutil.which("unshare")
    assert program, "unshare is missing (Debian: util-linux)"
    who = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    prefix = [program, *who, *kinds, "--propagation", "private"]
    tried = subprocess.run(
        [*prefix, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, f"this machine allows no name spaces or mounts: {tried.stderr}"
    with lasting_place() as place:
        argv = [*prefix, sys.executable, "-m", module, str(place.var)]
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))
