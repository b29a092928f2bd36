"""Of which States everybody is told singly: those that show each report of theirs that the evaluation uses (0190)."""

from collections.abc import Iterable, Mapping
from typing import Any

from evaluations.enums import SECRETARIAT, Standing
from workplan.models import ReportVersion

Json = Mapping[str, Any]
Shown = frozenset[tuple[str, str, int]]  # period, State, number of the version


def shown_reports() -> Shown:
    """Versions that their States show to everybody today."""
    rows = ReportVersion.objects.published().values_list("report__round__code", "report__state__iso2", "number")
    return frozenset(rows)


def withheld_in(rounds: Iterable[Json], shown: Shown) -> frozenset[str]:
    """Codes of States with an accepted report in these frozen rounds that is not, or no longer, shown to everybody."""
    return frozenset(
        iso2
        for round_ in rounds
        for iso2, report in round_["reports"].items()
        if iso2 != SECRETARIAT
        and report["standing"] == Standing.ACCEPTED
        and (round_["code"], iso2, report["version"]) not in shown
    )


def withheld(content: Json) -> frozenset[str]:
    return withheld_in(content["rounds"], shown_reports())


def public_data(content: Json, hidden: frozenset[str]) -> dict[str, Any]:
    """The frozen data without anything that one of these States wrote, or that was rated of it."""
    return {
        **content,
        "rounds": [_round(round_, hidden) for round_ in content["rounds"]],
        "answers": {iso2: answer for iso2, answer in content["answers"].items() if iso2 not in hidden},
        **_practice(content, hidden),
        "comments": [row for row in content.get("comments", []) if row["state"] not in hidden],
        "sections": {**content["sections"], "contributions": _contributions(content, hidden)},
        "translations": {
            language: {key: text for key, text in texts.items() if key.split(":")[1] not in hidden}
            for language, texts in content.get("translations", {}).items()
        },
        "papers": {},
    }


def _round(round_: Json, hidden: frozenset[str]) -> dict[str, Any]:
    reports = {
        iso2: {**report, "ratings": {}} if iso2 in hidden and "ratings" in report else report
        for iso2, report in round_["reports"].items()
    }
    return {**round_, "reports": reports}


def _practice(content: Json, hidden: frozenset[str]) -> dict[str, Any]:
    told = content.get("practice")  # data frozen before States were asked hold none
    return {} if told is None else {"practice": {iso2: rows for iso2, rows in told.items() if iso2 not in hidden}}


def _contributions(content: Json, hidden: frozenset[str]) -> Any:
    found = content["sections"].get("contributions")
    if not found:
        return found
    rows = [
        {**row, "replies": [reply for reply in row["replies"] if reply["state"] not in hidden]}
        for row in found["contributions"]
    ]
    return {**found, "contributions": rows}
