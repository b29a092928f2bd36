"""With real commits: an erasure takes the keys with it, the ledger outlives the database, orphans go and nothing else.

B27 of the design (erased is erased, in backups too) and section 4.8; the way back from a backup is run under full.
"""

import contextlib
import json
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

import core.erasures
from accounts.enums import Role
from core.erasures import Erasure, LedgerBroken, erasures, note_all
from core.testing import record_proof
from tests.conftest import _as_after_set_up, owner_cursor
from tests.factories.victims import acting_for, make_alert, make_case, make_consent, make_referral
from tests.victims.people import officer_and_client
from tests.victims.raw import token
from tests.victims.retaining import closed_case, erased
from victims import presenters, vault
from victims.models import Case, Tombstone
from victims.services import tombstones

CASES = 12


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, settings: Any) -> Path:
    settings.ERASURE_FILES = [str(tmp_path / "erasures.jsonl"), str(tmp_path / "elsewhere" / "erasures.jsonl")]
    settings.ERASURE_KEY_FILE = str(tmp_path / "erasures.pem")
    return tmp_path / "erasures.jsonl"


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield
        _as_after_set_up(None)  # type: ignore[arg-type]
        connections.close_all()


@contextlib.contextmanager
def owner_of(state: str) -> Iterator[Any]:
    """Inside the wall as the owner of the area, who is held to one State as well."""
    with owner_cursor() as cursor:
        cursor.execute("BEGIN; SET LOCAL ROLE oas_sealed_owner")
        cursor.execute("SELECT set_config('app.ctx', %s, true)", [token(cursor, state)])
        yield cursor
        cursor.execute("COMMIT")


def keys_of(state: str = "CR") -> dict[uuid.UUID, int]:
    with owner_of(state) as cursor:
        cursor.execute("SELECT record, count(*) FROM keys.record_key WHERE state = %s GROUP BY 1", [state])
        return dict(cursor.fetchall())


def test_an_erasure_takes_keys_and_packages_with_it(committed: None) -> None:
    """One transaction: what was sealed opens for nobody, here or in the State that was to receive it."""
    one, other = (officer_and_client(Role.CASE_SUPERVISOR)[0] for _person in range(2))
    cases = [closed_case(number) for number in range(CASES)]
    with acting_for("CR"):
        for case in cases:
            make_referral(case, make_consent(case, "recipient", "GT"), {"handed_over": "Invented"})
        before = {case.id: bytes(Case.objects.get(id=case.id).facts or b"") for case in cases}
    for case in cases[: CASES // 2]:
        erased(case, one, other)
    gone, kept = {case.id for case in cases[: CASES // 2]}, {case.id for case in cases[CASES // 2 :]}
    assert keys_of() == dict.fromkeys(kept, 3)
    with owner_of("CR") as cursor:
        cursor.execute("SELECT count(*), count(quasi) FILTER (WHERE stage = 'withdrawn') FROM sealed.referral")
        assert cursor.fetchone() == (CASES, 0)
        cursor.execute("SELECT count(*) FROM keys.package_key")
        assert cursor.fetchone() == (CASES // 2,)
    with acting_for("CR"):
        opened = _opened(before, one.user.pk)
    record_proof(
        "erasure", erased=len(gone), recoverable=len(gone & opened), kept=len(kept), kept_open=len(kept & opened)
    )
    assert opened == kept


def _opened(sealed: dict[uuid.UUID, bytes], actor: int) -> set[uuid.UUID]:
    """Of ciphertexts somebody had copied before: which ones open with the keys there are."""
    found = set()
    for case, body in sealed.items():
        receipt = vault.announce(cases=[case], field_class="quasi", purpose="supervision", actor_id=actor)
        try:
            vault.unseal(body, receipt, case=case, table="case_file", record=case)
        except vault.SealBroken:
            continue
        found.add(case)
    return found


def test_the_ledger_holds_each_erasure_once_and_nobody_in_it(committed: None, ledger: Path) -> None:
    one, other = (officer_and_client(Role.CASE_SUPERVISOR)[0] for _person in range(2))
    case = closed_case()
    erased(case, one, other)
    assert (tombstones.note_erasures(), tombstones.note_erasures()) == (1, 0)
    said = json.loads(ledger.read_text())
    assert ledger.stat().st_mode & 0o777 == 0o600
    assert set(said) == {"state", "case", "reason", "asked_by", "confirmed_by", "erased_at", "previous", "signature"}
    assert erasures() == [
        Erasure("CR", str(case.id), "period_over", one.code, other.code, said["erased_at"]),
    ]
    assert ledger.read_text() == Path(ledger.parent / "elsewhere" / ledger.name).read_text()


def test_each_file_of_the_ledger_is_read_once_however_many_were_erased(ledger: Path, monkeypatch: Any) -> None:
    many = [Erasure("CR", str(uuid.UUID(int=number)), "mistake", "a", "b", "2014-01-01") for number in range(30)]
    assert note_all(many[:20]) == 20
    opened: list[bytes] = []
    real = core.erasures.open_line
    monkeypatch.setattr(core.erasures, "open_line", lambda line, key: opened.append(line) or real(line, key))
    assert (note_all(many), len(opened)) == (10, 40)
    assert len(erasures()) == 30


@pytest.mark.parametrize("harm", ["change", "take out", "swap"])
def test_a_ledger_that_was_touched_stops_the_restore(ledger: Path, harm: str) -> None:
    for number in range(3):
        note_all([Erasure("CR", str(uuid.UUID(int=number)), "mistake", "a", "b", "2014-01-01T00:00:00+00:00")])
    lines = ledger.read_text().splitlines(keepends=True)
    harmed = {
        "change": [lines[0], lines[1].replace("mistake", "period_over"), lines[2]],
        "take out": [lines[0], lines[2]],
        "swap": [lines[1], lines[0], lines[2]],
    }
    ledger.write_text("".join(harmed[harm]))
    with pytest.raises(LedgerBroken):
        erasures()


def test_what_comes_back_from_a_backup_is_erased_again(committed: None) -> None:
    """The owner's function, in the State's context: the row is back, and goes again with its keys."""
    with acting_for("CR"):
        case = make_case(1)
    again = "SELECT sealed.erase_again(%s, 'mistake', 'a', 'b', now())"
    done = []
    for state in ("GT", "CR", "CR"):
        with owner_of(state) as cursor:
            cursor.execute(again, [str(case.id)])
            done += cursor.fetchone()
    assert done == [False, True, False]
    assert keys_of() == {}
    with acting_for("CR"):
        assert (Case.objects.get().status, Tombstone.objects.get().confirmed_by) == ("erased", "b")


# --- keys that nothing needs ----------------------------------------------------------------------


def _aged(cursor: Any, table: str, record: uuid.UUID) -> None:
    cursor.execute(f"UPDATE keys.{table} SET made_at = now() - interval '25 hours' WHERE record = %s", [str(record)])


def test_orphans_go_after_a_day_and_no_other_key(committed: None) -> None:
    """Also while a transaction has its keys committed and its row not yet."""
    old, young = uuid.uuid4(), uuid.uuid4()
    with acting_for("CR"):
        kept = make_case(1)
        for record in (old, young):
            vault.create_keys(record)
        package, fresh = uuid.uuid4(), uuid.uuid4()
        for record in (package, fresh):
            vault.seal_for({"a": "b"}, states=("GT",), record=record, field_class="quasi", table="referral")
        sent = make_referral(kept, make_consent(kept, "recipient", "GT"), {"asked": "Invented"})
    alert = make_alert("CR", "somebody")  # its words have a key of their own
    with owner_of("CR") as cursor:
        for record in (old, kept.id, alert.id):
            _aged(cursor, "record_key", record)
        for record in (package, sent.id):
            _aged(cursor, "package_key", record)
    before, level = tombstones.key_findings(), presenters.key_finding(tombstones.key_findings())[0]
    assert (before, level) == ({"orphan": 2, "package": 2}, "warn")
    making, swept = threading.Event(), threading.Event()
    made: list[uuid.UUID] = []

    def make_slowly() -> None:
        with acting_for("CR"):
            made.append(make_case(2).id)
            making.set()
            swept.wait(20)
        connections.close_all()

    thread = threading.Thread(target=make_slowly)
    thread.start()
    assert making.wait(20)
    destroyed = tombstones.sweep_keys()
    swept.set()
    thread.join()
    assert destroyed == 4  # three of the old record, one of the old package
    needed = {kept.id, young, *made}  # and the alert and two packages, below
    lost = {record for record in needed if keys_of().get(record) != 3}
    record_proof("orphan_keys", planted=4, destroyed=destroyed, needed=len(needed) * 3 + 2, needed_destroyed=len(lost))
    assert keys_of() == {**dict.fromkeys([kept.id, young, *made], 3), alert.id: 1}
    with owner_of("CR") as cursor:
        cursor.execute("SELECT record FROM keys.package_key")
        assert {record for (record,) in cursor.fetchall()} == {fresh, sent.id}


def test_a_record_without_a_key_is_told_and_not_mended(committed: None) -> None:
    with acting_for("CR"):
        case = make_case(1)
    with owner_of("CR") as cursor:
        cursor.execute("DELETE FROM keys.record_key WHERE record = %s AND field_class = 'narrative'", [str(case.id)])
    found = tombstones.key_findings()
    assert (found, presenters.key_finding(found)[0]) == ({"keyless": 1}, "FAIL")
    assert tombstones.sweep_keys() == 0
