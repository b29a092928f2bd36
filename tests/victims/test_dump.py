"""A thief with a dump, the data folder, the logs or the broker's file finds no word about anybody."""

import base64
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from core.testing import record_proof
from oas_trafficking.env import database_from_url
from oas_trafficking.launcher.place import ROOT, Place
from oas_trafficking.launcher.postgres import binaries
from oas_trafficking.launcher.stack import Stack
from tests.victims.canaries import ENCODINGS, FIELDS, STEM, fields_of, files_with_hits, hits
from tests.victims.raw import empty_the_area
from tests.victims.seed import main as seed

EACH = sum(len(fields) for fields in FIELDS.values())


def dump(url: str, name: str) -> bytes:
    given = database_from_url(url)
    argv = [binaries() / "pg_dump", "--dbname", name, "--host", given["HOST"], "--username", given["USER"]]
    argv += ["--port", given["PORT"]] if given["PORT"] else []
    env = {**os.environ, "PGPASSWORD": given["PASSWORD"]}
    return subprocess.run(argv, env=env, capture_output=True, check=True).stdout


@pytest.mark.parametrize("text", [STEM, f"name: {STEM}7", f"xx{STEM}", f"x{STEM}9"])
def test_the_search_finds_each_encoding(text: str) -> None:
    coded = {
        "utf-8": text.encode(),
        "utf-16": text.encode("utf-16"),
        "latin-1": text.encode("latin-1"),
        "base64": base64.b64encode(text.encode()),
        "hex": text.encode().hex().encode(),
        "url": quote(text).encode(),
    }
    assert {encoding: encoding in hits(content) for encoding, content in coded.items()} == dict.fromkeys(
        ENCODINGS, True
    )


def test_a_dump_holds_no_canary(django_db_setup: None, django_db_blocker: object) -> None:
    name = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        try:
            seed(30)
            content = dump(os.environ["DATABASE_BACKUP_URL"], name)
        finally:
            empty_the_area()
    assert content.count(b"\\\\x0101") == 270  # the bodies are in it, and sealed
    assert hits(content) == []


def test_the_application_cannot_make_a_dump(django_db_setup: None) -> None:
    """Row-level security refuses loudly, rather than leave rows out."""
    for variable in ("DATABASE_SEALED_URL", "DATABASE_KEYS_URL", "DATABASE_URL"):
        with pytest.raises(subprocess.CalledProcessError):
            dump(os.environ[variable], connection.settings_dict["NAME"])


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_no_copy_of_a_whole_system_holds_a_canary(tmp_path: Path) -> None:
    """5,000 victims in servers of our own that log every statement: dump, data folder, journal, logs, broker, media."""
    victims = 5_000
    with Stack(Place.temporary(), use_given_servers=False) as stack:
        stack.start_servers()
        socket = str(stack.place.sockets)
        superuser = psycopg2.connect(
            host=socket, user="postgres", password=stack.place.secret("postgres"), dbname="portal"
        )
        superuser.autocommit = True
        with superuser.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            assert Path(cursor.fetchone()[0]) == stack.place.var / "pg"  # our own server, and no other
            cursor.execute("ALTER SYSTEM SET log_statement = 'all'")
            cursor.execute("SELECT pg_reload_conf()")
        for command in ("migrate", "load_states", "prepare_sealed"):
            stack.manage(command, as_owner=True)
        env = {**stack.env, **stack.sealed_environment(), "DJANGO_SETTINGS_MODULE": "oas_trafficking.settings"}
        subprocess.run([sys.executable, "-m", "tests.victims.seed", str(victims)], cwd=ROOT, env=env, check=True)
        with superuser.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sealed.case_file")
            assert cursor.fetchone() == (victims,)
            cursor.execute("CHECKPOINT")
        superuser.close()
        (tmp_path / "dump").write_bytes(dump(stack.backup["DATABASE_BACKUP_URL"], "portal"))
        _save_broker(stack)
        looked_at = [
            *files_with_hits(tmp_path, set()),
            *files_with_hits(stack.place.var, {"sealed", "secrets", "run"}),
        ]
    found = [f"{name}: {encodings}" for name, encodings, _size in looked_at if encodings]
    record_proof(
        "dump_canaries",
        canaries=victims * EACH,
        encodings=len(ENCODINGS),
        hits=len(found),
        files=len(looked_at),
        megabytes=sum(size for _name, _encodings, size in looked_at) // 1_000_000,
    )
    assert found == []


def _save_broker(stack: Stack) -> None:
    import redis

    broker = redis.Redis.from_url(stack.env["REDIS_URL"])
    broker.save()
    broker.close()
    assert list((stack.place.var / "valkey").glob("*.rdb"))


def test_a_planted_clear_text_is_found(tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("COPY sealed.identity FROM stdin;\nCR\t" + fields_of(7, "identity")["document"])
    assert [encodings for _name, encodings, _size in files_with_hits(tmp_path, set())] == [["utf-8", "latin-1", "url"]]
    assert settings.SERVES_SEALED
