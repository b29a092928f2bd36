"""Two States and two areas in turn on a few shared connections, through PgBouncer with the file that is shipped."""

import configparser
import os
import pwd
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connections

from core.testing import record_proof
from oas_trafficking.launcher.place import ROOT
from tests.factories.victims import acting_for
from tests.victims.conftest import AREA
from victims.models import Case, Identity

pytestmark = pytest.mark.full
CLIENTS, SERVERS = 8, 2
OTHER = {"CR": "GT", "GT": "CR"}
WHO = "SELECT current_user, session_user, coalesce(current_setting('app.ctx', true), ''), pg_backend_pid()"


class Refused(Exception):
    """What every fifth request ends with."""


@pytest.fixture
def pool(two_states: Any, tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Iterator[Path]:
    """PgBouncer of the test's own, and the three logins of the portal sent through it on kept connections."""
    settings.POOLED = True
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "PgBouncer is missing (Debian: apt-get install pgbouncer)"
    folder = tmp_path_factory.mktemp("pool")
    for path in (folder, *list(folder.parents)[:2]):
        path.chmod(0o711)
    account = "nobody" if os.geteuid() == 0 else None  # it refuses root
    config = shipped_config(folder)
    for path in (folder, *folder.iterdir()):
        if account:
            shutil.chown(path, account, pwd.getpwnam(account).pw_gid)
    process = subprocess.Popen([program, "-q", config], user=account, extra_groups=[] if account else None, cwd=folder)
    before = {alias: dict(connections[alias].settings_dict) for alias in AREA}
    try:
        through(folder)
        yield folder
    finally:
        for alias in AREA:
            connections[alias].close()
            connections[alias].settings_dict.update(before[alias])
        process.terminate()
        process.wait(10)


def shipped_config(folder: Path) -> str:
    """The file of docs/operations with the addresses of this place."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "docs/operations/pgbouncer.ini")
    given = connections["default"].settings_dict
    port = f" port={given['PORT']}" if given["PORT"] else ""
    for entry, value in config["databases"].items():
        server = f"host={given['HOST']}{port} dbname={given['NAME']}"
        config["databases"][entry] = value.replace("host=db.example port=5432 dbname=portal", server)
    own = config["pgbouncer"]
    own.update({"listen_addr": "", "unix_socket_dir": str(folder), "auth_file": str(folder / "users")})
    own.update({"auth_type": "trust", "default_pool_size": str(SERVERS), "server_tls_sslmode": "disable"})
    logins = (connections[alias].settings_dict for alias in AREA)
    (folder / "users").write_text("".join(f'"{login["USER"]}" "{login["PASSWORD"]}"\n' for login in logins))
    with (folder / "pgbouncer.ini").open("w") as file:
        config.write(file)
    return str(folder / "pgbouncer.ini")


def through(folder: Path) -> None:
    end = time.monotonic() + 20
    while not (folder / ".s.PGSQL.6432").exists():
        assert time.monotonic() < end, "PgBouncer did not start"
        time.sleep(0.05)
    for alias in AREA:
        connections[alias].close()
        way = {"HOST": str(folder), "PORT": "6432", "NAME": "portal", "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
        connections[alias].settings_dict.update({**way, "DISABLE_SERVER_SIDE_CURSORS": True})


def ask(alias: str, sql: str = WHO) -> tuple[Any, ...]:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        return tuple(cursor.fetchone())


class Seen(Counter[str]):
    """What one client met; and which connections of the server it was on."""

    def __init__(self) -> None:
        super().__init__()
        self.backends: set[int] = set()

    def sealed(self, state: str, ids: dict[str, set[Any]], *, refused: bool) -> None:
        with acting_for(state):
            cases = set(Case.objects.values_list("state", "id"))
            people = set(Identity.objects.values_list("state", "id"))
            wanted = {(state, pk) for pk in ids[state]}
            self["foreign"] += len((cases | people) - wanted)
            self["missing"] += len(wanted - cases)
            role, _, claims, backend = ask("sealed")
            self.backends.add(backend)
            self["wrong_role"] += role != "oas_sealed" or not claims.startswith(f"{state}|")
            if refused:
                raise Refused

    def open(self) -> None:
        """The open area, and what the sealed login is when nobody has entered: on whatever connection is free."""
        for alias, login in (("default", "oas_app"), ("sealed", "oas_case"), ("keys", "oas_keys")):
            role, session, claims, backend = ask(alias)
            self.backends.add(backend)
            self["wrong_role"] += (role, session) != (login, login)
            self["left_over"] += claims != ""


def alternate(requests: int, seed: int, ids: dict[str, set[Any]]) -> Seen:
    """One process of the web: requests of both States and both areas on its kept connections."""
    seen, chance = Seen(), random.Random(seed)
    try:
        for number in range(requests):
            try:
                if chance.random() < 0.5:
                    seen.sealed(chance.choice(("CR", "GT")), ids, refused=number % 5 == 0)
                else:
                    seen.open()
            except Refused:
                seen["refused"] += 1
    finally:
        for alias in AREA:
            connections[alias].close()
    return seen


def run(two_states: Any, requests: int) -> Counter[str]:
    ids = {state: {case.id for case in cases} for state, cases in two_states.items()}
    with ThreadPoolExecutor(CLIENTS) as clients:
        each = list(clients.map(lambda seed: alternate(requests // CLIENTS, seed, ids), range(CLIENTS)))
    total: Counter[str] = sum(each, Counter())
    # Few connections of the server for many clients, or nothing was proved.
    total["servers"] = len(set.union(*(seen.backends for seen in each)))
    total["shared"] = sum(len(seen.backends) > 3 for seen in each)
    return total


def check(total: Counter[str]) -> None:
    assert [total[name] for name in ("foreign", "missing", "wrong_role", "left_over")] == [0, 0, 0, 0]
    assert total["refused"] > 0
    assert total["servers"] <= 3 * SERVERS
    assert total["shared"] > 0


def test_ten_thousand_alternations(pool: Path, two_states: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        total = run(two_states, 10_000)
    figures = {name: total[name] for name in ("foreign", "missing", "wrong_role", "left_over", "refused", "servers")}
    record_proof("pool_alternation", requests=10_000, clients=CLIENTS, **figures)
    check(total)


def test_what_is_set_for_the_session_is_seen_by_others(pool: Path) -> None:
    """The mistake that the alternation looks for, made on purpose: the pool hides nothing of it."""
    given = connections["sealed"].settings_dict
    logins = [psycopg2.connect(dbname="portal", user=given["USER"], host=pool, port=6432) for _ in range(2)]
    seen = []
    for raw, sql in zip(logins, ("SELECT set_config('app.ctx', 'CR|left', false)", WHO), strict=True):
        raw.autocommit = True
        with raw.cursor() as cursor:
            cursor.execute(sql)
            seen.append(cursor.fetchone())
    assert seen[1][2] == "CR|left"
    for raw in logins:
        raw.close()


def test_the_entry_of_the_audit_is_patient_for_three_seconds(pool: Path) -> None:
    user = connections["default"].settings_dict["USER"]
    raw = psycopg2.connect(dbname="portal_audit", user=user, host=pool, port=6432, options="-c lock_timeout=1")
    with raw, raw.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("3s",)
    raw.close()
