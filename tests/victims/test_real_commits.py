"""With real commits: the trail is written before anything opens, and nothing outlives its scope."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connections, transaction

from core import keys
from core.db import sealed_context
from core.exceptions import SealedAreaClosed
from core.models import AuditEvent
from core.testing import record_proof
from tests.conftest import _as_after_set_up, owner_cursor
from tests.factories.accounts import make_user
from tests.factories.victims import acting_for, make_case
from victims import vault
from victims.enums import FieldClass
from victims.models import Case, Identity

IDENTITY, QUASI = FieldClass.IDENTITY, FieldClass.QUASI


@pytest.fixture(scope="module")
def reader(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    with django_db_blocker.unblock():
        user = make_user("reader")
        with acting_for("CR"):
            cases = [make_case(number) for number in range(8)]
        yield {"user": user, "cases": cases}
        _as_after_set_up(None)  # type: ignore[arg-type]
        connections.close_all()


class Watching:
    """The key provider, and at each unwrapping the question to another login: is it in the trail already?"""

    def __init__(self, real: keys.KeyProvider) -> None:
        self.real, self.unwrapped, self.unaudited = real, 0, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def unwrap(self, state: str, purpose: str, wrapped: Any, aad: bytes) -> bytes:
        self._ask(state, purpose, aad)
        return self.real.unwrap(state, purpose, wrapped, aad)

    def unwrap_all(self, state: str, purpose: str, wrapped: Any) -> list[bytes]:
        wrapped = list(wrapped)
        for _wrapped, aad in wrapped:
            self._ask(state, purpose, aad)
        return self.real.unwrap_all(state, purpose, wrapped)

    def _ask(self, state: str, purpose: str, aad: bytes) -> None:
        case = aad.decode().split("|")[2]
        with owner_cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM core_auditevent WHERE verb = 'case.read' AND chain = %s AND data->>'class' = %s"
                " AND (object_id = %s OR data->'cases' ? %s)",
                [state, purpose, case, case],
            )
            self.unaudited += cursor.fetchone()[0] == 0
        self.unwrapped += 1


def context_left_on(alias: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.ctx', true), '')")
        return str(cursor.fetchone()[0])


def test_every_reading_is_in_the_trail_before_it_is_decrypted(
    reader: Any, django_db_blocker: Any, monkeypatch: Any, settings: Any
) -> None:
    settings.AUDIT_DATABASE = "audit"
    watching = Watching(keys.provider())
    monkeypatch.setattr(keys, "provider", lambda: watching)
    with django_db_blocker.unblock():
        ids = [case.id for case in reader["cases"]]
        for group in (*([one] for one in ids), ids):
            with acting_for("CR"):
                for field_class, table in ((QUASI, "case_file"), (IDENTITY, "identity")):
                    receipt = vault.announce(
                        cases=group, field_class=field_class, purpose="assist", actor_id=reader["user"].pk
                    )
                    model: Any = Case if table == "case_file" else Identity
                    for row in model.objects.filter(id__in=group):
                        sealed = row.facts if table == "case_file" else row.body
                        assert vault.unseal(sealed, receipt, case=row.id, table=table, record=row.id)
        events = AuditEvent.objects.filter(verb="case.read", actor=reader["user"])
        assert events.count() == 2 * (len(ids) + 1)
        assert "Invented" not in repr(list(events.values()))
        assert {context_left_on(alias) for alias in ("sealed", "keys")} == {""}
    record_proof("audit_first", reads=watching.unwrapped, unaudited=watching.unaudited)
    assert (watching.unwrapped, watching.unaudited) == (4 * len(ids), 0)


BREAKS = {
    "no right": (
        "REVOKE EXECUTE ON FUNCTION core_audit_append(text,bigint,text,text,text,text,jsonb,text) FROM oas_app",
        "GRANT EXECUTE ON FUNCTION core_audit_append(text,bigint,text,text,text,text,jsonb,text) TO oas_app",
    ),
    "no table": (
        "ALTER TABLE core_auditevent RENAME TO core_auditevent_away",
        "ALTER TABLE core_auditevent_away RENAME TO core_auditevent",
    ),
    "full": (
        "ALTER TABLE core_auditevent ADD CONSTRAINT full_disk CHECK (false) NOT VALID",
        "ALTER TABLE core_auditevent DROP CONSTRAINT full_disk",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_trail_that_cannot_be_written_closes_the_area(
    reader: Any, django_db_blocker: Any, settings: Any, name: str
) -> None:
    settings.AUDIT_DATABASE = "audit"
    broken, mended = BREAKS[name]
    with django_db_blocker.unblock(), owner_cursor() as cursor:
        cursor.execute(broken)
        try:
            with acting_for("CR") as context:
                case, actor = reader["cases"][0].id, reader["user"].pk
                with pytest.raises(SealedAreaClosed):
                    vault.announce(cases=[case], field_class=QUASI, purpose="assist", actor_id=actor)
                assert context.keys == {}
        finally:
            cursor.execute(mended)


# --- where role and context reach ----------------------------------------------------------------------


def current_role() -> tuple[str, str]:
    with connections[settings.SEALED_DATABASE].cursor() as cursor:
        cursor.execute("SELECT current_user, coalesce(current_setting('app.ctx', true), '')")
        return cursor.fetchone()  # type: ignore[no-any-return]


def test_nothing_is_left_on_the_connection(reader: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        for number in range(40):
            state = ("CR", "GT")[number % 2]
            try:
                with acting_for(state):
                    assert Case.objects.count() == (8 if state == "CR" else 0)
                    with transaction.atomic(using="sealed"):
                        assert current_role()[0] == "oas_sealed"
                    if number % 5 == 0:
                        raise ValueError
            except ValueError:
                pass
            assert current_role() == ("oas_case", "")
            with pytest.raises(DatabaseError, match="permission denied"):
                Case.objects.count()


def test_after_the_scope_even_on_commit_sees_nothing(reader: Any, django_db_blocker: Any) -> None:
    seen = []
    with django_db_blocker.unblock():
        with acting_for("CR"):
            transaction.on_commit(lambda: seen.append(current_role()[0]), using="sealed")
        assert seen == ["oas_case"]


def test_the_scope_is_not_nested_in_a_transaction(reader: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), transaction.atomic(using="sealed"), pytest.raises(RuntimeError), acting_for("CR"):
        pass


def test_a_thread_has_no_scope_of_its_own(reader: Any, django_db_blocker: Any) -> None:
    found: list[str] = []

    def look() -> None:
        try:
            sealed_context()
        except SealedAreaClosed as closed:
            found.append(str(closed))

    with django_db_blocker.unblock(), acting_for("CR"):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert len(found) == 1
