"""How often the guard misses somebody, and how often it warns for nothing."""

import os

import pytest

from core.file_text import Unreadable, text_of
from core.identity_guard import Mark, findings
from core.testing import record_proof
from tests.core.identity_texts import FILES, Sample, Writer

FULL = os.environ.get("PORTAL_FULL") == "1"
SAMPLES = 1_000 if FULL else 240
ONE_FILE_IN = 5 if FULL else 25
MAX_MISSES = 0.02


def read(sample: Sample, number: int) -> str:
    """Every so many samples come as a file, one kind after the other."""
    if number % ONE_FILE_IN:
        return sample.text
    kind = list(FILES)[number // ONE_FILE_IN % len(FILES)]
    return text_of(kind, FILES[kind](sample.text))


def is_caught(sample: Sample, text: str) -> bool:
    """A warning about another part of the text is luck, not a catch."""
    return any(word in sample.value for found in findings(text) for word in found.text.split() if len(word) > 1)


@pytest.mark.timeout(600)
def test_many_texts_and_files() -> None:
    samples = list(Writer(seed=2551).samples(SAMPLES))
    texts = [(sample, read(sample, number)) for number, sample in enumerate(samples)]
    missed = [sample for sample, text in texts if sample.has_identity and not is_caught(sample, text)]
    false_alarms = [sample for sample, text in texts if findings(text) and not sample.has_identity]
    with_identity = sum(sample.has_identity for sample in samples)
    record_proof(
        "identity_guard",
        texts=len(samples),
        files=len(samples[::ONE_FILE_IN]),
        with_identity=with_identity,
        missed=len(missed),
        false_alarms=len(false_alarms),
        without_identity=len(samples) - with_identity,
        missed_by_kind={kind: sum(s.kind == kind for s in missed) for kind in sorted({s.kind for s in missed})},
    )
    assert with_identity == SAMPLES // 2
    assert len(missed) <= MAX_MISSES * with_identity, "\n".join(f"{s.language} {s.kind}: {s.text}" for s in missed)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("La víctima, Yuleisy Quispe, llegó ayer.", Mark.NAME),
        ("QUISPE MAMANI, Yuleisy", Mark.NAME),
        ("Contacter Mme Toussaint.", Mark.NAME),
        ("CPF 529.982.247-25", Mark.DOCUMENT),
        ("Pasaporte AB 123456", Mark.DOCUMENT),
        ("+509 34 12 55 67", Mark.PHONE),
        ("née le 1er mars 2001", Mark.BIRTH),
        ("(14/02/1999)", Mark.BIRTH),
        ("alguien (arroba) correo.example", Mark.EMAIL),
    ],
)
def test_it_says_what_it_found(text: str, mark: Mark) -> None:
    assert mark in {finding.mark for finding in findings(text)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Solicitamos coordinar con la Fiscalía General de Guatemala.",
        "The Ministry of Justice of Trinidad and Tobago met on 12 March 2014.",
        "AG/RES. 2551 (XL-O/10), periodo 2010-2012",
        "Un total de 1 938 400 personas; 12.500 dólares; 37 %.",
        "O Conselho Nacional reuniu-se em 24 de outubro de 2014.",
    ],
)
def test_ordinary_sentences_pass(text: str) -> None:
    assert findings(text) == []


def test_a_picture_must_be_looked_at_by_a_person() -> None:
    with pytest.raises(Unreadable):
        text_of("png", b"\x89PNG\r\n\x1a\n")


def test_a_broken_file_is_no_error_of_ours() -> None:
    with pytest.raises(Unreadable):
        text_of("docx", b"PK\x03\x04 nonsense")
