"""Keys of a State are changed while its records are read, and a rotation may die anywhere."""

from typing import Any

import pytest
from django.core.management import call_command

from core import keys
from core.db import wrapped_keys
from core.models import AuditEvent
from tests.factories.victims import acting_for, make_case
from victims import vault
from victims.enums import FieldClass
from victims.models import Case, RecordKey
from victims.vault import Receipt

pytestmark = pytest.mark.django_db(databases=["default", "sealed", "keys"])
QUASI = FieldClass.QUASI


class Dying:
    """The provider of a process that is killed after some wrappings."""

    def __init__(self, real: keys.KeyProvider, left: int) -> None:
        self.real, self.left = real, left

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def wrap(self, *arguments: Any) -> Any:
        if self.left == 0:
            raise InterruptedError
        self.left -= 1
        return self.real.wrap(*arguments)


def readable() -> int:
    with acting_for("CR"):
        ids = frozenset(Case.objects.values_list("id", flat=True))
        receipt = Receipt(ids, QUASI)
        opened = [
            vault.unseal(case.facts, receipt, case=case.id, table="case_file", record=case.id)
            for case in Case.objects.all()
        ]
        return len([facts for facts in opened if facts])


def versions() -> dict[int, int]:
    with acting_for("CR"), wrapped_keys():
        found: dict[int, int] = {}
        for row in RecordKey.objects.filter(field_class=QUASI):
            found[row.kek_version] = found.get(row.kek_version, 0) + 1
        return found


def test_a_rotation_killed_at_any_place_loses_nothing(monkeypatch: Any) -> None:
    with acting_for("CR"):
        for number in range(40):
            make_case(number)
    provider = keys.provider()
    before = provider.newest("CR", QUASI)
    after = provider.rotate("CR", QUASI)
    for left in (0, 3, 7, 12, 17):
        monkeypatch.setattr(keys, "provider", lambda left=left: Dying(provider, left))
        with pytest.raises(InterruptedError), acting_for("CR"):
            vault.rewrap(QUASI, batch=5)
        monkeypatch.setattr(keys, "provider", lambda: provider)
        assert readable() == 40
    assert versions() == {before: 10, after: 30}
    with acting_for("CR"):
        assert vault.rewrap(QUASI) == 10
    assert (versions(), readable()) == ({after: 40}, 40)


def test_the_command_rotates_every_class_of_one_state() -> None:
    for state in ("CR", "GT"):
        with acting_for(state):
            make_case(1)
    foreign = keys.provider().newest("GT", QUASI)
    call_command("rotate_keys", "CR", verbosity=0)
    assert versions() == {keys.provider().newest("CR", QUASI): 1}
    assert keys.provider().newest("GT", QUASI) == foreign
    assert readable() == 1
    events = AuditEvent.objects.filter(verb="keys.rotated", chain="CR")
    assert {event.object_id: event.data["records"] for event in events} == dict.fromkeys(FieldClass.values, 1)
