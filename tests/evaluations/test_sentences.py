"""Sentences made by rules: none, one and several in four languages, and each traceable to its figures."""

from typing import Any

import pytest
from django.utils.translation import override

from core.i18n import LANGUAGES
from evaluations.delivery.sentences import RULES, Narrator, say
from evaluations.queries.figures import percent_of, summarize
from evaluations.queries.snapshot import build_snapshot
from tests.factories.evaluations import make_evaluation

WORDS = {"round": "2014-1", "before": "2012-2", "code": "PRV-01", "obstacle": "…", "level": "…"}


def told(rule: str, count: int, language: str) -> str:
    with override(language):
        return say(rule, count, 34, **WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", RULES)
def test_none_one_and_several_are_different_sentences(rule: str, language: str) -> None:
    none, one, several = (told(rule, count, language) for count in (0, 1, 21))
    assert len({none, one, several}) == 3
    assert "21" in several
    assert "%(" not in none + one + several
    if language != "en":
        assert several != told(rule, 21, "en")


@pytest.mark.parametrize(
    ("rule", "count", "expected"),
    [
        # Estado is masculine, respuesta feminine; the verb follows the number.
        ("response", 0, {"es": "Ninguno de los 34 Estados", "fr": "Aucun des 34 États", "pt-br": "Nenhum dos 34"}),
        ("status", 0, {"es": "Ninguna de las 34 respuestas", "fr": "Aucune des 34", "pt-br": "Nenhuma das 34"}),
        ("response", 1, {"es": "participantes tiene ", "fr": "sur 34 a un rapport", "pt-br": "participantes tem "}),
        ("response", 21, {"es": "participantes tienen ", "fr": "sur 34 ont un rapport", "pt-br": "participantes têm "}),
        ("mandates", 1, {"es": "está mayormente o plenamente", "fr": "est mis en", "pt-br": "está executado"}),
        ("mandates", 5, {"es": "ejecutados", "fr": "sont mis en", "pt-br": "estão executados"}),
        ("status", 5, {"es": "ejecutadas", "fr": "sont mises en", "pt-br": "estão executadas"}),
    ],
)  # fmt: skip
def test_number_and_gender(rule: str, count: int, expected: dict[str, str]) -> None:
    for language, words in expected.items():
        assert words in told(rule, count, language), told(rule, count, language)


@pytest.mark.django_db
def test_every_sentence_says_its_figures_and_where_they_are_found(cast: Any) -> None:
    data = build_snapshot(make_evaluation(cast, accepted=8, submitted=1))
    summary = summarize(data)
    with override("en"):
        sentences = Narrator(data, summary).tell()
        again = Narrator(data, summary).tell()
    assert sentences == again
    assert [sentence.number for sentence in sentences] == list(range(1, len(sentences) + 1))
    for sentence in sentences:
        number, total = sentence.figures["n"], sentence.figures.get("total")
        assert str(number) in sentence.text.replace("\u00a0", "") or number == 0
        assert total is None or str(total) in sentence.text.replace("\u00a0", "")
        if total and f"({percent_of(number, total)}%)" not in sentence.text:
            assert "%" not in sentence.text
        assert "(" in sentence.query
    activities = {s.query: s.figures for s in sentences if s.query.startswith("distribution(activity=")}
    rows = [row for rows in summary.activities.values() for row in rows]
    assert len(activities) == 36
    for row in rows:
        assert activities[f"distribution(activity={row.code}, round=2014-1)"]["n"] == row.distribution.advanced
