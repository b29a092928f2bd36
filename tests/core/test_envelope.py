"""A sealed field opens with its key at its address, and in no other way."""

import random

import pytest

from core.envelope import Address, SealBroken, new_key, seal, unseal
from core.testing import record_proof

HERE = Address("sealed", "identity", "7", "identity", "CR", 1)
SIZES = [30 + 4**power for power in (4, 5, 6)]


def test_it_opens_where_it_was_sealed() -> None:
    key = new_key()
    for text in (b"", b"x", "Ñandú".encode(), bytes(range(256)) * 20):
        assert unseal(key, seal(key, text, HERE), HERE) == text


@pytest.mark.parametrize("other", ["area", "table", "record", "field", "state"])
def test_it_opens_nowhere_else(other: str) -> None:
    key = new_key()
    sealed = seal(key, b"text", HERE)
    with pytest.raises(SealBroken):
        unseal(key, sealed, HERE._replace(**{other: "another"}))
    with pytest.raises(SealBroken):
        unseal(key, sealed, HERE._replace(version=2))
    with pytest.raises(SealBroken):
        unseal(new_key(), sealed, HERE)


def test_an_address_cannot_be_written_in_two_ways() -> None:
    with pytest.raises(ValueError):
        HERE._replace(table="identity|7", record="identity").aad()


def test_lengths_are_those_of_buckets() -> None:
    key = new_key()
    assert {len(seal(key, b"x" * length, HERE)) for length in range(0, 4093, 7)} == set(SIZES)


def test_nonces_are_not_repeated() -> None:
    key = new_key()
    assert len({seal(key, b"x", HERE)[2:14] for _ in range(20_000)}) == 20_000


@pytest.mark.full
def test_nonces_and_keys_are_not_repeated_in_a_million() -> None:
    key = new_key()
    nonces = {seal(key, b"x", HERE)[2:14] for _ in range(1_000_000)}
    made = {new_key() for _ in range(100_000)}
    assert (len(nonces), len(made)) == (1_000_000, 100_000)
    record_proof("nonces", encryptions=len(nonces), repeats=0)


def test_a_flipped_bit_is_refused() -> None:
    key, chance = new_key(), random.Random(20141010)
    sealed = seal(key, b"A name that nobody has", HERE)
    refused = 0
    for _ in range(10_000):
        bit = chance.randrange(len(sealed) * 8)
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            unseal(key, bytes(changed), HERE)
        except SealBroken:
            refused += 1
    record_proof("flipped_bits", flips=10_000, accepted=10_000 - refused)
    assert refused == 10_000


@pytest.mark.parametrize("length", [0, 1, 2, 13, 14, 29])
def test_a_torn_text_is_refused(length: int) -> None:
    key = new_key()
    with pytest.raises(SealBroken):
        unseal(key, seal(key, b"x", HERE)[:length], HERE)
