"""Sentences made by rules: none, one and several in four languages, and each traceable to its figures."""

import re
from typing import Any

import pytest
from django.utils.translation import override

from core.i18n import LANGUAGES
from evaluations.delivery.sentences import RULES, Narrator, say
from evaluations.queries.figures import percent_of, summarize
from evaluations.queries.sections import PROVIDERS
from evaluations.queries.snapshot import build_snapshot
from evaluations.queries.traced import Query
from tests.factories.evaluations import make_evaluation

WORDS = {
    "round": "2014-1",
    "before": "2012-2",
    "code": "PRV-01",
    "obstacle": "…",
    "level": "…",
    "activities": "…",
    "day": "…",
}
SHARES = [rule for rule, forms in RULES.items() if forms.nothing]


def told(rule: str, count: int, language: str, total: int = 34) -> str:
    rest = {"not_applicable": 5, "no_information": 8}
    with override(language):
        return say(rule, {"n": count, "total": total, **rest}, **WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", RULES)
def test_none_one_and_several_are_different_sentences(rule: str, language: str) -> None:
    none, one, several = (told(rule, count, language) for count in (0, 1, 21))
    assert len({none, one, several}) == 3
    assert "21" in several
    assert "%(" not in none + one + several
    if language != "en":
        assert several != told(rule, 21, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_of_nothing_or_of_one_has_its_own_sentences(language: str) -> None:
    assert len(SHARES) == 16
    for rule in SHARES:
        nothing, one_not, one, many = (told(rule, n, language, of) for n, of in ((0, 0), (0, 1), (1, 1), (0, 34)))
        assert len({nothing, one_not, one, many}) == 4
        for text in (nothing, one_not, one):
            digits = re.findall(r"[0-9]+", re.sub(r"2014-1|2012-2|PRV-01", "", text))
            assert digits in ([], ["5", "8"]), text  # what is not on the scale, and no "of the 0", no "1 of 1"
            assert "%(" not in text
            assert language == "en" or text != told(rule, 0, "en", 0)


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
        if total and f"({percent_of(number, total)}%" not in sentence.text:
            assert "%" not in sentence.text
        assert Query.read(str(sentence.query)).run(data) == sentence.figures  # what the annex prints, run again
    activities = {str(s.query): s.figures for s in sentences if s.place.endswith("-activities")}
    rows = [row for rows in summary.activities.values() for row in rows]
    assert len(activities) == 36
    for row in rows:
        of = row.distribution
        assert activities[f"ratings(period=2014-1, activity={row.code})"] == {
            "n": of.advanced, "total": of.counted,
            "not_applicable": of.counts["not_applicable"], "no_information": of.counts["no_information"],
        }  # fmt: skip
    assert {s.query.function for s in sentences} >= {"moved_back", "mandates", "majority", "nowhere", "least_known"}


def frozen(**ratings: str) -> dict[str, Any]:
    """Two activities of an area; of each State its ratings of both."""
    activity = {"area": "PRV", "responsible": "member_states", "themes": [], "title": {}}
    reports = {
        iso2: {"standing": "accepted", "ratings": {"A": [own, own], "B": ["not_applicable", "full"]}}
        for iso2, own in ratings.items()
    }
    return {
        "areas": [{"code": "PRV"}], "themes": [], "answers": {}, "sections": dict.fromkeys(PROVIDERS),
        "activities": [{**activity, "code": "A", "number": "1"}, {**activity, "code": "B", "number": "2"}],
        "rounds": [{"code": "2014-1", "reports": reports}],
    }  # fmt: skip


def test_not_applicable_leaves_the_whole_and_gaps_are_told() -> None:
    data = frozen(AR="planned", BR="not_applicable", CL="partial", PE="no_information")
    with override("en"):
        told_here = {s.query.function: s.text for s in Narrator(data, summarize(data)).tell() if s.place == "PRV-gaps"}
        activities = [s.text for s in Narrator(data, summarize(data)).tell() if s.place == "PRV-activities"]
    assert activities == [
        "1: none of the 2 answers on the scale is mostly or fully implemented (not applicable: 1; no information: 1).",
        "2: no answer is on the scale (not applicable: 4; no information: 0).",
    ]
    assert told_here == {
        "nowhere": "2 of 2 activities are mostly or fully implemented by no State.",
        "least_known": "Most often without information: 1, with 1 of 4 answers asked for.",
    }


def test_a_figure_that_is_not_of_its_query_is_seen() -> None:
    """The annex cannot name one query and give the figures of another."""
    data = frozen(AR="full", BR="partial")
    query = Query.read("ratings(period=2014-1, activity=A)")
    assert query.run(data) == {"n": 1, "total": 2, "not_applicable": 0, "no_information": 0}
    assert Query.read("ratings(period=2014-1, activity=B)").run(data) != query.run(data)
    for unknown in ("activities(round=2014-1, share>1/2)", "response"):
        with pytest.raises((KeyError, ValueError)):
            Query.read(unknown).run(data)
