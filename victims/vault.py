"""The only place where a sealed field is opened. It asks for a receipt: the trail holds the reading already."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from core import audit, envelope, keys
from core.db import (
    compare_keys_with_records,
    destroy_orphan_keys,
    destroy_package_keys,
    fetch_wrapped_keys,
    sealed_context,
    wrapped_keys,
)
from core.envelope import Address, SealBroken
from core.exceptions import SealedAreaClosed
from core.keys import KeyRefused, Wrapped
from victims.enums import FieldClass
from victims.models import PackageKey, RecordKey

AREA = "sealed"
GENERATION = 1


@dataclass(frozen=True)
class Receipt:
    """What the trail says will be read: these cases, this class. Made by `announce` alone."""

    cases: frozenset[UUID]
    field_class: str


def announce(
    *,
    cases: Collection[UUID],
    field_class: str,
    purpose: str,
    actor_id: int | None,
    how: str = "page",
    object_type: str = "victims.case",
    system: str = "",
) -> Receipt:
    """Write the reading into the State's trail and commit it, before any key is unwrapped.

    If that fails nothing is shown. The event stays when the request is rolled back: it was about to be shown.
    """
    ids = sorted(str(case) for case in cases)
    alone = ids[0] if len(ids) == 1 else ""
    write_trail(
        chain=sealed_context().state,
        verb="case.read",
        object_type=object_type,
        object_id=alone or "list",
        actor_id=actor_id,
        system=system,
        data={"class": field_class, "purpose": purpose, "how": how} | ({} if alone else {"cases": ids}),
    )
    return Receipt(frozenset(cases), field_class)


def write_trail(
    *,
    chain: str,
    verb: str,
    object_type: str,
    object_id: str,
    actor_id: int | None = None,
    system: str = "",
    data: Mapping[str, Any],
) -> None:
    """Committed at once: the trail of the area never depends on what becomes of the request. Without it, it closes."""
    try:
        audit.append(
            verb=verb,
            object_type=object_type,
            object_id=object_id,
            chain=chain,
            actor_id=actor_id,
            system=system,
            data=data,
            durable=True,
        )
    except DatabaseError as error:
        raise SealedAreaClosed("The trail cannot be written.") from error


def create_keys(case: UUID, classes: Iterable[str] = FieldClass.values) -> None:
    """Keys of a new case, committed before it: a case whose keys are missing would be lost."""
    state, provider = sealed_context().state, keys.provider()
    rows = []
    for field_class in classes:
        key = envelope.new_key()
        wrapped = provider.wrap(state, field_class, key, _key_address(case, field_class))
        rows.append(
            RecordKey(
                state=state,
                record=case,
                field_class=field_class,
                generation=GENERATION,
                kek_version=wrapped.version,
                wrapped=wrapped.body,
            )
        )
        sealed_context().keys[str(case), field_class] = key
    with wrapped_keys():
        RecordKey.objects.bulk_create(rows)


def rewrap(field_class: str, *, batch: int = 200) -> int:
    """Wrap the keys of one class with the State's newest key; how many. Killed anywhere, it goes on where it stopped.

    Fields stay as they are. A row changes only if nobody changed it in the meantime.
    """
    state, provider = sealed_context().state, keys.provider()
    newest, done = provider.newest(state, field_class), 0
    while True:
        with wrapped_keys():
            old = RecordKey.objects.filter(field_class=field_class).exclude(kek_version=newest)
            rows = list(old.order_by("record")[:batch])
            for row in rows:
                address = _key_address(row.record, field_class)
                key = provider.unwrap(state, field_class, Wrapped(row.kek_version, bytes(row.wrapped)), address)
                fresh = provider.wrap(state, field_class, key, address)
                mine = old.filter(record=row.record, kek_version=row.kek_version)
                done += mine.update(kek_version=fresh.version, wrapped=fresh.body)
        if not rows:
            return done


def check_keys(sample: int) -> list[bool]:
    """Of a random sample of the State's wrapped keys: which ones open. For drills; what they hold is thrown away."""
    state, provider = sealed_context().state, keys.provider()
    with wrapped_keys():
        rows = list(RecordKey.objects.order_by("?")[:sample])
    return [_opens(provider, state, row) for row in rows]


def _opens(provider: keys.KeyProvider, state: str, row: RecordKey) -> bool:
    wrapped = Wrapped(row.kek_version, bytes(row.wrapped))
    try:
        provider.unwrap(state, row.field_class, wrapped, _key_address(row.record, row.field_class))
    except KeyRefused:
        return False
    return True


def seal(value: Mapping[str, Any], *, case: UUID, field_class: str, table: str, record: UUID) -> bytes:
    """Writing needs no receipt: who writes a text knows it."""
    _unwrap([case], field_class)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return envelope.seal(_key(case, field_class), text, _address(table, record, field_class))


def unseal(
    sealed: bytes | memoryview | None, receipt: Receipt, *, case: UUID, table: str, record: UUID
) -> dict[str, Any]:
    if case not in receipt.cases:
        raise SealedAreaClosed("The trail does not hold this reading.")
    if sealed is None:
        return {}
    if (str(case), receipt.field_class) not in sealed_context().keys:
        _unwrap(receipt.cases, receipt.field_class)  # of the whole list at once
    text = envelope.unseal(_key(case, receipt.field_class), bytes(sealed), _address(table, record, receipt.field_class))
    opened: dict[str, Any] = json.loads(text)
    return opened


def seal_for(value: Mapping[str, Any], *, states: Collection[str], record: UUID, field_class: str, table: str) -> bytes:
    """A text that goes to another State: under a key of its own, wrapped for each State that may open it.

    The keys are committed before the record, as those of cases are.
    """
    home, key = sealed_context().state, envelope.new_key()
    with wrapped_keys():
        PackageKey.objects.bulk_create([_package_key(state, record, field_class, key) for state in states])
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return envelope.seal(key, text, Address(AREA, table, str(record), field_class, home, GENERATION))


def open_from(
    from_state: str, sealed: bytes | memoryview | None, receipt: Receipt, *, record: UUID, table: str
) -> dict[str, Any]:
    """What another State sealed for this one, or this one for another and for itself."""
    if record not in receipt.cases:
        raise SealedAreaClosed("The trail does not hold this reading.")
    state, field_class = sealed_context().state, receipt.field_class
    with wrapped_keys():
        row = PackageKey.objects.filter(state=state, record=record, field_class=field_class).first()
    if row is None or sealed is None:
        raise SealBroken("The stored text cannot be opened.")
    wrapped = Wrapped(row.kek_version, bytes(row.wrapped))
    try:
        key = keys.provider().unwrap(state, field_class, wrapped, _package_address(state, record, field_class))
    except KeyRefused as error:
        raise SealBroken("The stored text cannot be opened.") from error
    address = Address(AREA, table, str(record), field_class, from_state, GENERATION)
    opened: dict[str, Any] = json.loads(envelope.unseal(key, bytes(sealed), address))
    return opened


class FormKeeper:
    """What was typed when somebody has to prove again who they are, sealed for the session of that person.

    Under a key of its own, wrapped by the State's key: a copy of the sessions' table opens nothing.
    """

    def __init__(self, person: str) -> None:
        self.person = person

    def seal(self, text: str) -> str:
        state, key = sealed_context().state, envelope.new_key()
        wrapped = keys.provider().wrap(state, FieldClass.NARRATIVE, key, self._address(state).aad())
        body = envelope.seal(key, text.encode(), self._address(state))
        return ".".join(
            [str(wrapped.version), urlsafe_b64encode(wrapped.body).decode(), urlsafe_b64encode(body).decode()]
        )

    def open(self, text: str) -> str:
        state, (version, wrapped, body) = sealed_context().state, text.split(".")
        kept = Wrapped(int(version), urlsafe_b64decode(wrapped))
        key = keys.provider().unwrap(state, FieldClass.NARRATIVE, kept, self._address(state).aad())
        return envelope.unseal(key, urlsafe_b64decode(body), self._address(state)).decode()

    def _address(self, state: str) -> Address:
        return Address(AREA, "kept_form", self.person, FieldClass.NARRATIVE, state, GENERATION)


def packages_with_keys() -> set[UUID]:
    """Whatever was sealed for this State, or by it for itself beside another, and can still be opened."""
    with wrapped_keys():
        return set(PackageKey.objects.values_list("record", flat=True))


def destroy_package(record: UUID) -> None:
    with wrapped_keys():
        destroy_package_keys(record)


def compare_with_records() -> list[tuple[str, UUID]]:
    """Of this State: orphan, erased, package or keyless, and of which record. One line for a record."""
    with wrapped_keys():
        return sorted({(finding, record) for finding, record, _class, _made_at in compare_keys_with_records()})


def destroy_orphans() -> int:
    """Keys no record needs, once no transaction can be open that still makes it; how many."""
    with wrapped_keys():
        return destroy_orphan_keys()


def _package_key(state: str, record: UUID, field_class: str, key: bytes) -> PackageKey:
    wrapped = keys.provider().wrap(state, field_class, key, _package_address(state, record, field_class))
    return PackageKey(
        state=state,
        record=record,
        field_class=field_class,
        from_state=sealed_context().state,
        kek_version=wrapped.version,
        wrapped=wrapped.body,
    )


def _package_address(state: str, record: UUID, field_class: str) -> bytes:
    return Address(AREA, "package_key", str(record), field_class, state, GENERATION).aad()


def _unwrap(cases: Collection[UUID], field_class: str) -> None:
    """Fetch and unwrap what this scope does not hold yet, all in one query and one call of the provider."""
    context = sealed_context()
    if not (missing := [case for case in cases if (str(case), field_class) not in context.keys]):
        return
    rows = fetch_wrapped_keys(missing, field_class)
    wrapped = [(Wrapped(version, body), _key_address(record, field_class)) for record, version, body in rows]
    try:
        opened = keys.provider().unwrap_all(context.state, field_class, wrapped)
    except KeyRefused as error:
        raise SealBroken("The stored text cannot be opened.") from error
    for (record, *_wrapped), key in zip(rows, opened, strict=True):
        context.keys[str(record), field_class] = key


def _key(case: UUID, field_class: str) -> bytes:
    try:
        return sealed_context().keys[str(case), field_class]
    except KeyError:
        raise SealBroken("The stored text cannot be opened.") from None  # erased, or never this State's


def _address(table: str, record: UUID, field_class: str) -> Address:
    return Address(AREA, table, str(record), field_class, sealed_context().state, GENERATION)


def _key_address(case: UUID, field_class: str) -> bytes:
    return Address(AREA, "record_key", str(case), field_class, sealed_context().state, GENERATION).aad()
