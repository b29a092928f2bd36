"""The audit trail: one door, and nothing that is done to a row behind it goes unnoticed."""

import hashlib
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.auth import authenticate, logout
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from core import audit
from core.anchors import append_line, open_line, public_key, read_anchors, write_anchor
from core.audit_check import Fault, check_chain, known_chains
from core.models import AuditEvent, AuditHead, AuditTally
from core.testing import record_proof
from tests.conftest import login_as_owner
from tests.factories.accounts import make_cast, make_user

CHAIN = "CR"
ROWS = 24
TAMPERINGS = 1_000

real_commits = pytest.mark.django_db(transaction=True, databases=["default", "audit"])


@pytest.fixture(autouse=True)
def anchor_files(settings: Any, tmp_path: Path) -> list[Path]:
    """Keys and anchors of the test's own, in two places."""
    places = [tmp_path / "here" / "anchors.jsonl", tmp_path / "elsewhere" / "anchors.jsonl"]
    settings.AUDIT_KEY_FILE = str(tmp_path / "audit_key.pem")
    settings.AUDIT_ANCHOR_FILES = [str(place) for place in places]
    settings.OAS_DEMO = True
    return places


@pytest.fixture
def audit_connection() -> Iterator[None]:
    yield
    connections["audit"].close()


def write_events(chain: str, count: int = ROWS) -> None:
    for number in range(count):
        data = {"activity": f"1.{number}", "ready": number % 2 == 0, "año": [number, None, 'é\u2028"\\'], "x": 1.50}
        audit.append(
            verb="entry.saved", object_type="workplan.reportentry", object_id=str(number), chain=chain, system="test",
            data=data,
        )  # fmt: skip


def all_faults() -> list[Fault]:
    anchored, _ = read_anchors(public_key())
    return [fault for chain in known_chains(anchored) for fault in check_chain(chain, anchored)]


# --- what is written ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_untouched_chains_have_no_fault(cast: SimpleNamespace) -> None:
    write_events("CR")
    write_events("GT")
    audit.record(verb="user.changed", obj=cast.ana, actor=cast.beto)
    write_anchor()
    write_events("CR", 3)
    assert all_faults() == []
    assert AuditHead.objects.get(chain="CR").seq == ROWS + 3


@pytest.mark.django_db
def test_somebody_or_something_must_have_acted() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        audit.append(verb="x", object_type="y", object_id="z")


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["core_auditevent", "core_audithead"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO {} (chain, seq, hash) VALUES ('CR', 9, '')",
        "UPDATE {} SET seq = seq",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {} CASCADE",
        "SELECT 1 FROM {} FOR UPDATE",
    ],
)
def test_the_application_role_has_no_other_door(table: str, statement: str) -> None:
    write_events("CR", 2)
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
    assert all_faults() == []


# --- tampering ------------------------------------------------------------------------------------

# Each takes a cursor of the owner and a sequence number, and does one thing to one row.
Tampering = Callable[[Any, int, random.Random], None]


def _set(column: str, expression: str) -> Tampering:
    def tamper(cursor: Any, seq: int, dice: random.Random) -> None:
        cursor.execute(
            f"UPDATE core_auditevent SET {column} = {expression} WHERE chain = %s AND seq = %s", [CHAIN, seq]
        )

    return tamper


def _delete(cursor: Any, seq: int, dice: random.Random) -> None:
    cursor.execute("DELETE FROM core_auditevent WHERE chain = %s AND seq = %s", [CHAIN, seq])


def _insert(cursor: Any, seq: int, dice: random.Random) -> None:
    """A copy of a row at a sequence of its own: before the first, after the last, or pushing the rest up."""
    at = dice.choice([0, ROWS + 1, -7])
    _copy(cursor, seq, at)


def _insert_between(cursor: Any, seq: int, dice: random.Random) -> None:
    cursor.execute("UPDATE core_auditevent SET seq = -seq WHERE chain = %s AND seq >= %s", [CHAIN, seq])
    cursor.execute("UPDATE core_auditevent SET seq = 1 - seq WHERE chain = %s AND seq < 0", [CHAIN])
    _copy(cursor, seq + 1, seq)
    cursor.execute("UPDATE core_audithead SET seq = seq + 1 WHERE chain = %s", [CHAIN])


def _copy(cursor: Any, seq: int, at: int) -> None:
    cursor.execute(
        "INSERT INTO core_auditevent (chain, seq, at, actor_id, system, verb, object_type, object_id, data,"
        " request_id, previous, hash) SELECT chain, %s, at, actor_id, system, verb, object_type, object_id, data,"
        " request_id, previous, hash FROM core_auditevent WHERE chain = %s AND seq = %s",
        [at, CHAIN, seq],
    )


def _swap(cursor: Any, seq: int, dice: random.Random) -> None:
    other = seq - 1 if seq > 1 else seq + 1
    for old, new in ((seq, -1), (other, seq), (-1, other)):
        cursor.execute("UPDATE core_auditevent SET seq = %s WHERE chain = %s AND seq = %s", [new, CHAIN, old])


def _shift_border(cursor: Any, seq: int, dice: random.Random) -> None:
    """The same letters in a row, cut elsewhere: a hash over bare concatenation would not notice."""
    cursor.execute(
        "UPDATE core_auditevent SET verb = verb || left(object_type, 1), object_type = substr(object_type, 2)"
        " WHERE chain = %s AND seq = %s",
        [CHAIN, seq],
    )


def _edit_and_rehash(cursor: Any, seq: int, dice: random.Random) -> None:
    """The cleverer forger: changes a row and gives it the right hash for its new content."""
    _set("object_id", "object_id || '0'")(cursor, seq, dice)
    event = AuditEvent.objects.with_data_text().get(chain=CHAIN, seq=seq)
    cursor.execute(
        "UPDATE core_auditevent SET hash = %s WHERE chain = %s AND seq = %s",
        [audit.digest(event, event.data_text), CHAIN, seq],
    )


TAMPERINGS_OF_A_ROW: dict[str, Tampering] = {
    "chain": _set("chain", "'ZZ'"),
    "sequence": _set("seq", "seq + 1000"),
    "back-date": _set("at", "at - interval '1 day'"),
    "microsecond": _set("at", "at + interval '1 microsecond'"),
    "actor": _set("actor_id", "(SELECT min(id) FROM accounts_user)"),
    "system": _set("system", "system || ' '"),
    "verb": _set("verb", "'entry.read'"),
    "object type": _set("object_type", "'workplan.report'"),
    "object": _set("object_id", "object_id || '1'"),
    "data": _set("data", 'data || \'{"activity": "9.9"}\''),
    "data key": _set("data", "data - 'ready'"),
    "request": _set("request_id", "request_id || 'a'"),
    "previous": _set("previous", "sha256(previous)"),
    "hash": _set("hash", "sha256(hash)"),
    "border between columns": _shift_border,
    "delete": _delete,
    "insert": _insert,
    "insert between": _insert_between,
    "swap": _swap,
    "edit and rehash": _edit_and_rehash,
}


@pytest.fixture
def owner_transaction(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A transaction of the owner, rolled back: what the application may not do is done by one who may."""
    with django_db_blocker.unblock(), login_as_owner(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM core_auditevent")
            cursor.execute("DELETE FROM core_audithead")
        yield
        transaction.set_rollback(True)


def faults_after(kind: str, seq: int, dice: random.Random) -> list[Fault]:
    point = transaction.savepoint()
    try:
        with connection.cursor() as cursor:
            TAMPERINGS_OF_A_ROW[kind](cursor, seq, dice)
        return check_chain(CHAIN, {})
    finally:
        transaction.savepoint_rollback(point)


@pytest.mark.usefixtures("owner_transaction")
def test_every_tampering_with_one_row_is_found() -> None:
    make_user("ana")
    write_events(CHAIN)
    assert check_chain(CHAIN, {}) == []
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    kinds = sorted(TAMPERINGS_OF_A_ROW)
    missed = []
    for number in range(TAMPERINGS):
        kind, seq = kinds[number % len(kinds)], dice.randint(1, ROWS)
        if not faults_after(kind, seq, dice):
            missed.append((kind, seq))
    found = TAMPERINGS - len(missed)
    record_proof("audit_tamper", tampered=TAMPERINGS, found=found, kinds=len(kinds), seed=seed)
    assert missed == []
    assert check_chain(CHAIN, {}) == []


@pytest.mark.usefixtures("owner_transaction")
def test_the_kind_of_fault_and_its_place_are_named() -> None:
    make_user("ana")
    write_events(CHAIN)
    dice = random.Random(1)
    assert faults_after("data", 5, dice) == [Fault(CHAIN, 5, "edited")]
    assert faults_after("delete", 5, dice) == [Fault(CHAIN, 5, "deleted")]
    assert faults_after("delete", ROWS, dice) == [Fault(CHAIN, ROWS, "deleted")]
    assert faults_after("edit and rehash", 5, dice) == [Fault(CHAIN, 6, "link broken")]
    assert faults_after("edit and rehash", ROWS, dice) == [Fault(CHAIN, ROWS, "head differs")]
    assert Fault(CHAIN, 5, "edited") in faults_after("swap", 5, dice)


# --- the tail and the anchors ---------------------------------------------------------------------


def cut_tail(chain: str, keep: int) -> None:
    """The attack that a chain alone does not notice: delete the last rows and turn the head back."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_auditevent WHERE chain = %s AND seq > %s", [chain, keep])
        cursor.execute(
            "UPDATE core_audithead SET seq = %s, hash = coalesce((SELECT hash FROM core_auditevent WHERE chain = %s"
            " AND seq = %s), ''::bytea) WHERE chain = %s",
            [keep, chain, keep, chain],
        )


@pytest.mark.usefixtures("owner_transaction")
def test_a_cut_tail_is_found_at_the_next_anchor() -> None:
    write_events(CHAIN)
    write_anchor()
    cut_tail(CHAIN, ROWS - 3)
    assert check_chain(CHAIN, {}) == []  # which is why there are anchors
    assert all_faults() == [Fault(CHAIN, ROWS, "tail cut")]
    write_events(CHAIN, 3)  # the same length again, with other rows
    assert all_faults() == [Fault(CHAIN, ROWS, "differs from anchor")]


@pytest.mark.usefixtures("owner_transaction")
def test_a_whole_chain_that_was_deleted_is_found() -> None:
    write_events(CHAIN)
    write_anchor()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_auditevent")
        cursor.execute("DELETE FROM core_audithead")
    assert all_faults() == [Fault(CHAIN, ROWS, "tail cut")]


@pytest.mark.usefixtures("owner_transaction")
def test_a_chain_rewritten_with_right_hashes_is_found() -> None:
    write_events(CHAIN)
    write_anchor()
    cut_tail(CHAIN, 0)
    write_events(CHAIN, ROWS + 5)
    assert check_chain(CHAIN, {}) == []
    assert all_faults() == [Fault(CHAIN, ROWS, "differs from anchor")]


@pytest.mark.usefixtures("owner_transaction")
def test_a_chain_rewritten_to_its_length_is_found_though_it_was_anchored_again() -> None:
    write_events(CHAIN)
    write_anchor()
    cut_tail(CHAIN, 0)
    write_events(CHAIN)
    write_anchor()
    assert all_faults() == [Fault(CHAIN, ROWS, "differs from anchor")]
    assert set(anchor_faults()) == {(2, "differs from an earlier anchor")}


@pytest.mark.usefixtures("owner_transaction")
def test_events_that_no_anchor_vouches_for_are_a_fault_once_one_is_due(settings: Any) -> None:
    write_events(CHAIN, 2)
    assert verify() == (0, ["2 events in 1 chains, 0 anchored heads, 0 faults"])
    settings.AUDIT_ANCHOR_SECONDS = 0
    code, lines = verify()
    assert (code, lines[0].endswith("no anchor though one was due")) == (1, True)


def anchor_faults() -> list[tuple[int, str]]:
    return [(fault.line, fault.kind) for fault in read_anchors(public_key())[1]]


@pytest.fixture
def three_anchors(db: None, anchor_files: list[Path]) -> Path:
    for _ in range(3):
        write_events("CR", 2)
        write_anchor()
    assert anchor_faults() == []
    return anchor_files[0]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda lines: [lines[0], lines[1].replace(b'"CR",4', b'"CR",3'), lines[2]], "signature wrong"),
        (lambda lines: [lines[0], lines[1].split(b',"signature"')[0] + b"}", lines[2]], "signature missing"),
        (lambda lines: [lines[0], b"not an anchor", lines[2]], "signature wrong"),
        (lambda lines: [lines[0], b"[]", lines[2]], "signature wrong"),
        (lambda lines: [lines[0], b'{"signature": 1}', lines[2]], "signature wrong"),
        (lambda lines: [lines[0], lines[2]], "anchor line missing"),
        (lambda lines: [lines[1], lines[0], lines[2]], "anchor line missing"),
    ],
)
def test_an_anchor_file_that_was_changed_is_found(three_anchors: Path, change: Any, expected: str) -> None:
    three_anchors.write_bytes(b"\n".join(change(three_anchors.read_bytes().splitlines())) + b"\n")
    assert expected in {kind for _, kind in anchor_faults()}


def test_a_line_is_chained_to_the_last_one_whatever_their_lengths(tmp_path: Path) -> None:
    key, path, before = Ed25519PrivateKey.generate(), tmp_path / "lines", ""
    for length in (10, 8100, 8192, 30_000, 5, 100):
        append_line(path, {"text": "x" * length}, key)
        line = path.read_bytes().splitlines()[-1]
        assert open_line(line, key.public_key())["previous"] == before
        before = hashlib.sha256(line).hexdigest()


def test_anchors_of_another_key_are_refused(three_anchors: Path, settings: Any) -> None:
    Path(settings.AUDIT_KEY_FILE).unlink()  # a forger signs with a key of their own
    assert {kind for _, kind in anchor_faults()} == {"signature wrong"}


def test_a_missing_anchor_file_is_found_and_the_second_place_still_vouches(three_anchors: Path) -> None:
    three_anchors.unlink()
    assert anchor_faults() == [(0, "anchor file missing")]
    assert ("CR", 6) in read_anchors(public_key())[0]


@pytest.mark.django_db
def test_the_key_is_readable_by_its_owner_alone(settings: Any) -> None:
    write_anchor()
    assert Path(settings.AUDIT_KEY_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_production_never_makes_a_key(settings: Any) -> None:
    settings.OAS_DEMO = settings.DEBUG = False
    with pytest.raises(ImproperlyConfigured, match="AUDIT_KEY_FILE"):
        write_anchor()


# --- the commands ---------------------------------------------------------------------------------


def verify(**options: Any) -> tuple[int, list[str]]:
    out, code = StringIO(), 0
    try:
        call_command("verify_audit", stdout=out, **options)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, out.getvalue().splitlines()


@pytest.mark.usefixtures("owner_transaction")
def test_the_command_prints_each_fault_and_fails() -> None:
    write_events(CHAIN, 5)
    call_command("anchor_audit", stdout=StringIO())
    assert verify() == (0, ["5 events in 1 chains, 1 anchored heads, 0 faults"])
    with connection.cursor() as cursor:
        _set("verb", "'entry.read'")(cursor, 4, random.Random(1))
    assert verify() == (1, ["CR 4: edited", "5 events in 1 chains, 1 anchored heads, 1 faults"])


@pytest.mark.usefixtures("owner_transaction")
def test_the_command_verifies_with_a_public_key_kept_elsewhere(tmp_path: Path, settings: Any) -> None:
    write_events(CHAIN, 2)
    write_anchor()
    out = StringIO()
    call_command("anchor_audit", print_public_key=True, stdout=out)
    kept = tmp_path / "kept.pem"
    kept.write_text(out.getvalue(), encoding="ascii")
    Path(settings.AUDIT_KEY_FILE).unlink()
    assert verify(public_key=str(kept))[0] == 0


# --- what is kept when a request is not -----------------------------------------------------------


@real_commits
@pytest.mark.usefixtures("audit_connection")
def test_a_durable_event_stays_when_the_transaction_is_rolled_back(settings: Any) -> None:
    settings.AUDIT_DATABASE = "audit"
    event = {"object_type": "route", "object_id": "x", "system": "test"}
    with transaction.atomic():
        audit.append(verb="access.refused", durable=True, **event)
        audit.append(verb="entry.saved", chain="CR", **event)
        transaction.set_rollback(True)
    kept = AuditEvent.objects.filter(system="test")
    assert list(kept.values_list("verb", flat=True)) == ["access.refused"]
    assert all_faults() == []


@real_commits
@pytest.mark.usefixtures("audit_connection")
def test_waiting_for_a_head_held_by_the_same_request_has_an_end(settings: Any) -> None:
    settings.AUDIT_DATABASE = "audit"
    event = {"object_type": "route", "object_id": "x", "system": "test"}
    with transaction.atomic():
        audit.append(verb="entry.saved", **event)
        with pytest.raises(DatabaseError, match="lock timeout"):
            audit.append(verb="access.refused", durable=True, **event)


@real_commits
@pytest.mark.usefixtures("audit_connection")
def test_a_failed_sign_in_is_kept_without_what_was_typed(settings: Any) -> None:
    settings.AUDIT_DATABASE = "audit"
    cast = make_cast()
    with transaction.atomic():  # as the request of a view that fails afterwards
        assert authenticate(email=cast.ana.email, password="wrong") is None
        assert authenticate(email="a password typed here", password="wrong") is None
        transaction.set_rollback(True)
    kept = AuditEvent.objects.filter(system="sign-in").order_by("pk")
    assert list(kept.values_list("chain", "verb", "object_id")) == [
        ("CR", "session.refused", str(cast.ana.public_id)),
        ("platform", "session.refused", "unknown"),
    ]
    assert "typed" not in str(list(AuditEvent.objects.values()))


# --- what somebody can cause any number of times --------------------------------------------------

REFUSED = "/en/reports/NO-2014-1/"


def refusals() -> "Any":
    return AuditEvent.objects.filter(verb="access.refused").order_by("pk")


def test_a_flood_of_refusals_is_counted_and_not_written(cast: Any, client: Client) -> None:
    client.force_login(cast.ana)
    for _ in range(audit.ALONE + 30):
        client.get(REFUSED)
    assert client.get("/en/review/").status_code == 403
    assert refusals().count() == audit.ALONE
    tallies = AuditTally.objects.order_by("pk").values_list("object_id", "written", "counted")
    assert list(tallies) == [("report_detail", audit.ALONE, 30), ("review_queue", 0, 1)]


def test_the_count_becomes_one_event_for_each_page_when_the_hour_is_over(cast: Any, client: Client) -> None:
    client.force_login(cast.ana)
    for _ in range(audit.ALONE + 30):
        client.get(REFUSED)
    assert audit.write_tallies() == 0  # the hour is not over
    hour = audit.this_hour() - timedelta(hours=1)
    AuditTally.objects.update(hour=hour)
    assert [audit.write_tallies(), audit.write_tallies()] == [1, 0]
    last = refusals().last()
    assert (last.chain, last.actor, last.object_id) == ("CR", cast.ana, "report_detail")
    assert last.data == {"times": 30, "hour": hour.isoformat()}
    assert not AuditTally.objects.exists()
    client.get(REFUSED)
    assert refusals().count() == audit.ALONE + 2  # a new hour, a new twenty
    assert all_faults() == []


def test_one_persons_flood_leaves_room_for_anothers_refusal(cast: Any, client: Client) -> None:
    client.force_login(cast.ana)
    for _ in range(audit.ALONE + 1):
        client.get(REFUSED)
    client.force_login(cast.bruno)
    client.get(REFUSED)
    assert refusals().filter(actor=cast.bruno).count() == 1


def test_guessing_at_unknown_addresses_is_counted_too(db: None) -> None:
    for number in range(audit.ALONE + 5):
        assert authenticate(email=f"nobody-{number}@example.org", password="wrong") is None
    assert AuditEvent.objects.filter(verb="session.refused").count() == audit.ALONE
    assert AuditTally.objects.get().counted == 5


@real_commits
@pytest.mark.usefixtures("audit_connection")
def test_a_count_stays_when_the_request_is_rolled_back(settings: Any) -> None:
    settings.AUDIT_DATABASE = "audit"
    event = {"object_type": "route", "object_id": "x", "system": "test", "shared": ("verb",)}
    with transaction.atomic():
        for _ in range(audit.ALONE + 3):
            audit.append_counted(verb="access.refused", **event)
        transaction.set_rollback(True)
    assert (refusals().count(), AuditTally.objects.get().counted) == (audit.ALONE, 3)


def test_signing_in_and_out_is_recorded(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.ana)
    logout(SimpleNamespace(session=client.session, user=cast.ana, META={}))  # type: ignore[arg-type]
    events = AuditEvent.objects.filter(verb__startswith="session.").order_by("pk")
    who = str(cast.ana.public_id)
    assert list(events.values_list("chain", "verb", "actor", "object_id")) == [
        ("CR", "session.opened", cast.ana.pk, who),
        ("CR", "session.closed", cast.ana.pk, who),
    ]


@pytest.mark.parametrize(("person", "chain"), [("ana", "CR"), ("carla", "GT"), ("denise", "platform")])
def test_a_refusal_is_recorded_with_its_route(cast: Any, client: Client, person: str, chain: str) -> None:
    user = getattr(cast, person)
    client.force_login(user)
    event = AuditEvent.objects.filter(verb="access.refused")
    assert client.get("/en/reports/NO-2014-1/").status_code == 404
    assert list(event.values_list("chain", "actor", "object_id", "data")) == [
        (chain, user.pk, "report_detail", {"method": "GET", "status": 404, "reference": "NO-2014-1"})
    ]


def test_strangers_do_not_fill_the_trail(db: None, client: Client) -> None:
    before = AuditEvent.objects.count()
    client.get("/en/reports/NO-2014-1/")
    client.get("/en/there-is-no-such-page/")
    assert AuditEvent.objects.count() == before
