"""What is sealed opens at its own place, for whom the trail already names, and not otherwise."""

import itertools
import random
import uuid

import pytest
from django.db import transaction

from core.db import sealed_context, wrapped_keys
from core.envelope import SealBroken
from core.exceptions import SealedAreaClosed
from core.testing import record_proof
from tests.factories.victims import acting_for, make_case
from victims import vault
from victims.enums import FieldClass
from victims.models import Identity, RecordKey
from victims.vault import Receipt

pytestmark = pytest.mark.django_db(databases=["default", "sealed", "keys"])
IDENTITY, QUASI = FieldClass.IDENTITY, FieldClass.QUASI


def places(state: str, count: int) -> list[tuple[str, uuid.UUID, str, str, bytes]]:
    """(State, case, table, class, ciphertext)."""
    with acting_for(state):
        cases = [make_case(number) for number in range(count)]
        bodies = {row.id: bytes(row.body) for row in Identity.objects.all()}
        return [
            place
            for case in cases
            for place in (
                (state, case.id, "case_file", QUASI, bytes(case.facts)),
                (state, case.id, "identity", IDENTITY, bodies[case.id]),
            )
        ]


def test_a_ciphertext_opens_at_its_own_place_alone() -> None:
    all_places = places("CR", 12) + places("GT", 12)
    pairs = [pair for pair in itertools.permutations(all_places, 2) if pair[0] != pair[1]]
    chance = random.Random(20140214)
    swaps = sorted(chance.sample(range(len(pairs)), 1000), key=lambda number: pairs[number][1][0])
    accepted = 0
    for state, numbers in itertools.groupby(swaps, key=lambda number: pairs[number][1][0]):
        with acting_for(state):
            for number in numbers:
                (_, _, _, _, sealed), (_, case, table, field_class, _) = pairs[number]
                receipt = Receipt(frozenset({case}), field_class)
                try:
                    vault.unseal(sealed, receipt, case=case, table=table, record=case)
                    accepted += 1
                except SealBroken:
                    pass
    record_proof("ciphertext_swap", swaps=len(swaps), accepted=accepted)
    assert accepted == 0


def test_each_place_opens_its_own() -> None:
    """Or the test above would prove nothing."""
    for state in ("CR", "GT"):
        for _, case, table, field_class, sealed in places(state, 3):
            with acting_for(state):
                receipt = Receipt(frozenset({case}), field_class)
                assert vault.unseal(sealed, receipt, case=case, table=table, record=case) != {}


def test_a_key_of_another_case_is_refused() -> None:
    """Two rows of wrapped keys exchanged by somebody with the database in hand."""
    with acting_for("CR"):
        one, other = make_case(1), make_case(2)
    with acting_for("CR"), wrapped_keys():
        mine = RecordKey.objects.filter(record=one.id, field_class=QUASI)
        theirs = RecordKey.objects.get(record=other.id, field_class=QUASI)
        mine.update(wrapped=b"\0" * 60)
        RecordKey.objects.filter(record=other.id, field_class=QUASI).update(wrapped=b"\1" * 60)
        mine.update(wrapped=theirs.wrapped)
    with acting_for("CR"), pytest.raises(SealBroken):
        vault.unseal(one.facts, Receipt(frozenset({one.id}), QUASI), case=one.id, table="case_file", record=one.id)


def test_no_receipt_no_reading() -> None:
    with acting_for("CR"):
        one, other = make_case(1), make_case(2)
        receipt = Receipt(frozenset({one.id}), QUASI)
        with pytest.raises(SealedAreaClosed):
            vault.unseal(other.facts, receipt, case=other.id, table="case_file", record=other.id)
        with pytest.raises(SealBroken):  # a receipt for facts opens no identity
            vault.unseal(Identity.objects.get(id=one.id).body, receipt, case=one.id, table="identity", record=one.id)


def test_nothing_works_without_a_scope() -> None:
    with pytest.raises(SealedAreaClosed):
        vault.create_keys(uuid.uuid4())
    with pytest.raises(SealedAreaClosed):
        sealed_context()
    with acting_for("CR"), pytest.raises(SealedAreaClosed), acting_for("GT"):
        pass


def test_unwrapped_keys_end_with_their_scope() -> None:
    with acting_for("CR") as context:
        make_case(1)
        assert len(context.keys) == 3
    assert context.keys == {}


def test_lengths_of_names_do_not_show() -> None:
    with acting_for("CR"):
        for number, name in enumerate(("Li", "Montenegro y Fernández de Córdoba")):
            make_case(number, identity={"family_name": name})
        assert {len(row.body) for row in Identity.objects.all()} == {30 + 256}


def test_the_database_refuses_a_text_that_nobody_sealed() -> None:
    from django.db import IntegrityError

    with acting_for("CR"):
        case = make_case(1)
        for text in (b"Invented", b"\1\1" + b"x" * 284 + b"y"):
            with pytest.raises(IntegrityError), transaction.atomic(using="sealed"):
                Identity.objects.filter(id=case.id).update(body=text)
