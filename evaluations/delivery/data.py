"""The matrix of States and activities as plain data: CSV for spreadsheets, JSON for programs."""

import json
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from core.spreadsheets import csv_text
from evaluations.delivery.content import Content, OwnWords
from evaluations.queries.figures import Period, addressed_to_states, answers, reporters
from evaluations.queries.law import plan_force
from evaluations.queries.translations import units_of

CSV_DATA = ("activities", "rounds", "further_rounds", "states")  # what the lines are made of


def write_csv(content: Content) -> bytes:
    """One line per State, activity and period; States in the order of their codes. Of further periods one line per
    activity and rating: no State, but how many. Summed, the last column is a distribution in any period."""
    head = [
        _("Period"),
        _("State"),
        _("Name"),
        _("Code"),
        _("Activity"),
        _("Self-rating"),
        _("Reviewed rating"),
        _("Words of the reviewed rating"),
        _("States"),
    ]
    return csv_text(head, [*_lines(content), *_further_lines(content)]).encode()


def _lines(content: Content) -> Iterator[list[str]]:
    words = {status.code: status.label for status in content.statuses}
    titles = {code: content.text(activity["title"]) for code, activity in content.activities.items()}
    codes = [activity["code"] for activity in addressed_to_states(content.data)]
    for round_ in content.data["rounds"]:
        for answer in answers(round_, codes, reporters(round_)):
            state, code = answer.reporter, answer.activity
            about = [round_["code"], state, content.names[state], code, titles[code]]
            yield [*about, answer.own, answer.rating, words[answer.rating], "1"]


def _further_lines(content: Content) -> Iterator[list[str]]:
    words = {status.code: status.label for status in content.statuses}
    for round_ in content.further_rounds:
        for code, counts in round_["answers"].items():
            about = [round_["code"], "", "", code, content.text(content.activities[code]["title"]), ""]
            yield from ([*about, rating, words[rating], str(counts[rating])] for rating in words if rating in counts)


def write_json(content: Content) -> bytes:
    """The same, with what is needed to read it; keys are codes and the same in every language."""
    data = {
        "symbol": content.evaluation.symbol,
        "series": content.evaluation.series,
        "language": content.language,
        "data_sha256": content.content_hash,
        "data_as_of": content.cutoff.isoformat(),
        "provisional_catalogue": content.is_provisional,
        "statuses": {status.code: status.label for status in content.statuses},
        "states": content.names,
        "activities": {code: content.text(item["title"]) for code, item in content.activities.items()},
        "rounds": [_round(content, round_) for round_ in content.data["rounds"]],
        "by_period": [_period(period) for period in content.summary.periods],
        "law": _law(content),
        "elements": [_element(row) for row in content.data["elements"]],
        "texts": [_text(*row) for row in _texts(content)],
    }
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _period(period: Period) -> dict[str, Any]:
    """A period by itself; the key "" is of all activities, the others of an area, an activity or a theme."""
    rows = {
        code: {"states": row.states, "on_scale": row.distribution.counted, "advanced": row.distribution.advanced}
        for code, row in period.rows.items()
    }
    return {"code": period.code, "accepted": period.accepted, "asked": period.asked, "rows": rows}


def _element(row: Any) -> dict[str, str | None]:
    """What is suggested; the text is among the others. What a merge goes into is None where that was not asked yet."""
    return {"key": row["key"], "suggestion": row["suggestion"], "merge_into": row.get("merge_into") or None}


def _texts(content: Content) -> Iterator[tuple[str, str, OwnWords]]:
    """What people wrote, with the keys of the desk of translations; contributions are translated elsewhere."""
    for unit in units_of(content.data):
        yield unit.key, unit.kind, OwnWords(unit.source, unit.language, content.language, content.translated(unit.key))
    for row in content.contributions:
        yield f"contribution:{row['reference']}", "contribution", row["words"]
    for row in content.conclusions:
        if row["words"]:
            yield f"follow_up:{row['number']}", "follow_up", row["words"]


def _text(key: str, kind: str, words: OwnWords) -> dict[str, Any]:
    """The status is that of the translation into the language of the file; null where none is needed."""
    return {
        "key": key,
        "kind": str(kind),
        "language": words.language,
        "text": words.text,
        "translation_status": words.status,
        "translation": words.translation or None,
    }


def _law(content: Content) -> dict[str, Any] | None:
    """Plans and treaties as they were frozen, and where each plan stands on the day; None where none were."""
    if not content.sections.get("law"):
        return None
    plans = [{**row, "standing": plan_force(row, content.law_day).value} for row in content.law["plans"]]
    return {**content.law, "on": content.law_day.isoformat(), "plans": plans}


def _round(content: Content, round_: Any) -> dict[str, Any]:
    codes = [activity["code"] for activity in addressed_to_states(content.data)]
    matrix: dict[str, dict[str, str]] = {iso2: {} for iso2 in reporters(round_)}
    own: dict[str, dict[str, str]] = {iso2: {} for iso2 in reporters(round_)}
    for answer in answers(round_, codes, reporters(round_)):
        matrix[answer.reporter][answer.activity] = answer.rating
        own[answer.reporter][answer.activity] = answer.own
    return {"code": round_["code"], "period": round_["period"], "matrix": matrix, "self_ratings": own}
