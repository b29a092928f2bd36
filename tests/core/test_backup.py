"""A backup opens for the holder of its key alone, is this portal's own or refused, and never lands on data."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyrage
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import override_settings

from core import anchors
from core.backup import DATABASE, FILES, KEY_STORE, MANIFEST, RECORD_KEYS, BackupFailed, make, restore, tables
from core.models import OutboxMessage
from oas_trafficking.env import database_from_url
from oas_trafficking.launcher.postgres import binaries
from tests.conftest import _as_after_set_up


def key_pair() -> Any:
    return pyrage.x25519.Identity.generate()


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[SimpleNamespace]:
    """The reference data of the test database, one private file, and a backup of both."""
    place = tmp_path_factory.mktemp("backup")
    identity, of_keys = key_pair(), key_pair()
    with (
        django_db_blocker.unblock(),
        override_settings(
            MEDIA_ROOT=place / "media",
            AUDIT_KEY_FILE=str(place / "audit_key.pem"),
            AUDIT_ANCHOR_FILES=[str(place / "anchors.jsonl")],
            OAS_DEMO=True,
            BACKUP_DATABASE=_test_database(),
            BACKUP_RECIPIENTS=[str(identity.to_public())],
            BACKUP_KEY_RECIPIENTS=[str(of_keys.to_public())],
            PG_BIN=str(binaries()),
        ),
    ):
        anchors.write_anchor()
        default_storage.save("evidence/ab/file.txt", ContentFile(b"a private file"))
        yield SimpleNamespace(
            place=place,
            identity=identity,
            of_keys=of_keys,
            backup=make.make_backup(place / "backups"),
            keys=make.back_up_key_store(place / "keys"),
        )
        _as_after_set_up(None)  # type: ignore[arg-type]  # takes back what the backup wrote into the trail


def _test_database() -> dict[str, Any]:
    return {**database_from_url(os.environ["DATABASE_BACKUP_URL"]), "NAME": connection.settings_dict["NAME"]}


def test_the_manifest_is_what_the_database_holds(made: Any) -> None:
    manifest = restore.read_manifest(made.backup, [made.identity])
    assert set(manifest["parts"]) == {DATABASE, RECORD_KEYS, "anchors.age", FILES}
    assert {"public.accounts_state", "sealed.case_file", "keys.record_key"} <= set(manifest["tables"])
    # The backup itself was written into the trail, after its moment.
    assert restore.compare(manifest) == ["public.core_auditevent", "public.core_audithead"]


def test_nothing_is_in_the_clear(made: Any) -> None:
    names = {path.name for path in made.backup.iterdir()}
    assert names == {DATABASE, RECORD_KEYS, "anchors.age", FILES, MANIFEST}
    for path in [*made.backup.iterdir(), made.keys / KEY_STORE]:
        content = path.read_bytes()
        assert content.startswith(b"age-encryption.org/v1")
        assert not any(word in content for word in (b"Costa Rica", b"private file", b"PRIVATE KEY"))


def test_another_key_opens_nothing(made: Any) -> None:
    with pytest.raises(BackupFailed, match="does not open with this key"):
        restore.read_manifest(made.backup, [key_pair()])
    with pytest.raises(BackupFailed, match="does not open with this key"):
        restore.restore_key_store(made.keys, [made.identity])


@pytest.mark.parametrize("part", [DATABASE, RECORD_KEYS, FILES])
def test_a_changed_or_missing_part_is_found(made: Any, tmp_path: Path, part: str) -> None:
    copy = shutil.copytree(made.backup, tmp_path / "copy")
    content = bytearray((copy / part).read_bytes())
    content[-1] ^= 1
    (copy / part).write_bytes(content)
    with pytest.raises(BackupFailed, match=f"{part} is missing or was changed"):
        restore.read_manifest(copy, [made.identity])
    (copy / part).unlink()
    with pytest.raises(BackupFailed, match=f"{part} is missing or was changed"):
        restore.read_manifest(copy, [made.identity])


def test_a_backup_of_somebody_else_is_refused(made: Any, tmp_path: Path, settings: Any) -> None:
    """Anybody can encrypt to a public key; the signature is of the audit key."""
    settings.AUDIT_KEY_FILE = str(tmp_path / "other.pem")
    settings.AUDIT_ANCHOR_FILES = [str(tmp_path / "anchors.jsonl")]
    settings.OAS_DEMO = True
    with pytest.raises(BackupFailed, match="not made by this portal"):
        restore.read_manifest(made.backup, [made.identity])


@pytest.mark.django_db
def test_data_that_is_there_is_never_written_over(made: Any) -> None:
    with pytest.raises(BackupFailed, match="not empty"):
        restore.restore_database(made.backup, [made.identity])


def test_files_and_keys_come_back_to_their_places(made: Any, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.AUDIT_ANCHOR_FILES = [str(tmp_path / "anchors.jsonl")]
    restore.restore_files(made.backup, [made.identity])
    assert (tmp_path / "media/evidence/ab/file.txt").read_bytes() == b"a private file"
    assert (tmp_path / "anchors.jsonl").read_bytes() == (made.place / "anchors.jsonl").read_bytes()
    settings.AUDIT_KEY_FILE = str(tmp_path / "audit_key.pem")
    restore.restore_key_store(made.keys, [made.of_keys])
    assert (tmp_path / "audit_key.pem").read_bytes() == (made.place / "audit_key.pem").read_bytes()
    assert (tmp_path / "audit_key.pem").stat().st_mode & 0o077 == 0


def test_a_failed_backup_leaves_nothing_behind(made: Any, tmp_path: Path, settings: Any) -> None:
    settings.PG_BIN = str(tmp_path)
    with pytest.raises(BackupFailed, match="pg_dump was not found"):
        make.make_backup(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("BACKUP_RECIPIENTS", [], "Set OAS_BACKUP_RECIPIENTS"),
        ("BACKUP_RECIPIENTS", ["age1nonsense"], "not a public key"),
        ("BACKUP_DATABASE", None, "Set DATABASE_BACKUP_URL"),
    ],
)
def test_what_is_missing_is_said(
    made: Any, tmp_path: Path, settings: Any, setting: str, value: Any, sentence: str
) -> None:
    setattr(settings, setting, value)
    with pytest.raises(BackupFailed, match=sentence):
        make.make_backup(tmp_path)


def test_who_opens_the_backups_must_not_open_the_keys(made: Any, tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_KEY_RECIPIENTS = settings.BACKUP_RECIPIENTS
    with pytest.raises(BackupFailed, match="must not open the keys"):
        make.back_up_key_store(tmp_path)


@pytest.mark.django_db
def test_mails_that_were_open_are_held_and_other_work_goes_on() -> None:
    mail = OutboxMessage.objects.create(task="a", queue="mail", key="mail")
    work = OutboxMessage.objects.create(task="b", queue="documents", key="work")
    assert restore.hold_what_was_being_sent() == 1
    mail.refresh_from_db()
    work.refresh_from_db()
    assert (mail.dead_at is not None, work.dead_at) == (True, None)


def test_an_order_of_rows_makes_no_difference_but_a_row_does() -> None:
    ours = {"public.a": [2, "5"], "public.b": [0, "0"]}
    assert tables.different(ours, {"public.b": [0, "0"], "public.a": [2, "5"]}) == []
    assert tables.different(ours, {"public.a": [2, "6"]}) == ["public.a", "public.b"]
