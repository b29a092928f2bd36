"""The embedded PostgreSQL, started for real: its roles, and the refusals that protect the data."""

import psycopg2
import pytest

from oas_trafficking.launcher import postgres
from oas_trafficking.launcher.console import LaunchError
from oas_trafficking.launcher.place import ROOT, Place
from oas_trafficking.launcher.setup import base_environment
from oas_trafficking.launcher.supervisor import Supervisor


@pytest.fixture
def place():
    place = Place.temporary()
    yield place
    place.clean_up()


@pytest.fixture
def started(place):
    supervisor = Supervisor(place.logs, cwd=ROOT)
    try:
        yield postgres.Cluster(place, base_environment()).start(supervisor)
    finally:
        supervisor.stop()


def query(url: str, sql: str) -> list[tuple]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        connection.close()


def test_roles_hold_no_more_than_they_need(started):
    roles = query(
        started.app_url,
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles "
        "WHERE rolname LIKE 'oas%' ORDER BY rolname",
    )
    plain = (False, False, False, False)
    assert roles == [
        ("oas_app", *plain),
        ("oas_backup", False, True, False, False),  # reads everything, changes nothing
        ("oas_case", *plain),
        ("oas_keys", *plain),
        ("oas_owner", False, False, True, False),
        ("oas_replica", *plain),  # copies the cluster as a whole
        ("oas_sealed", *plain),
        ("oas_sealed_door", *plain),
        ("oas_sealed_owner", *plain),
    ]
    owners = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'portal'"
    assert query(started.app_url, owners) == [("oas_owner",)]


def test_application_cannot_become_the_owner(started):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(started.app_url, "SET ROLE oas_owner")


def test_wrong_password_is_refused(started):
    password = started.app_url.split(":")[2].split("@")[0]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        query(started.app_url.replace(password, "0" * 64), "SELECT 1")


def test_server_listens_on_no_network_address(started):
    assert query(started.app_url, "SHOW listen_addresses") == [("",)]


def test_restart_keeps_data_and_passwords(place):
    seen = []
    for _ in range(2):
        supervisor = Supervisor(place.logs, cwd=ROOT)
        try:
            database = postgres.Cluster(place, base_environment()).start(supervisor)
            seen.append(query(database.owner_url, "SELECT system_identifier FROM pg_control_system()"))
        finally:
            supervisor.stop()
    assert seen[0] == seen[1]


def test_data_of_another_major_is_not_touched(place):
    cluster = postgres.Cluster(place, base_environment())
    cluster.data.mkdir()
    (cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(LaunchError, match=r"made by PostgreSQL 9 and this is \d+"):
        cluster.start(Supervisor(place.logs, cwd=ROOT))
    assert [path.name for path in cluster.data.iterdir()] == ["PG_VERSION"]


def test_folder_without_the_programs_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PORTAL_PG_BIN", str(tmp_path))
    with pytest.raises(LaunchError, match="has no initdb and no postgres and no psql"):
        postgres.binaries()
