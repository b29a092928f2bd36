"""One State's own part of frozen data: its ratings, its words, what it named. Nothing of another State is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.canonical import content_hash
from evaluations.enums import SECRETARIAT, Standing
from evaluations.models import Evaluation
from evaluations.queries.figures import Answer, Quote, achieved, answers, area_activities, good_practice

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Own:
    """An activity: the answer in this period, and in the one compared with."""

    activity: str
    now: Answer
    before: Answer | None


@dataclass(frozen=True)
class OwnArea:
    code: str
    answers: list[Own]
    quotes: list[Quote]
    practice: list[Quote]


def own_part(snapshot: Json, iso2: str) -> list[OwnArea]:
    """By area, in the order of the plan."""
    return [_area(snapshot, area["code"], iso2) for area in snapshot["areas"]]


def _area(snapshot: Json, area: str, iso2: str) -> OwnArea:
    codes = [activity["code"] for activity in area_activities(snapshot, area)]
    now, *earlier = (answers(round_, codes, [iso2]) for round_ in snapshot["rounds"])
    before = {answer.activity: answer for answer in earlier[0]} if earlier else {}
    return OwnArea(
        area,
        [Own(answer.activity, answer, before.get(answer.activity)) for answer in now],
        [quote for quote in achieved(snapshot, area) if quote.reporter == iso2],
        [quote for quote in good_practice(snapshot, area) if quote.reporter == iso2],
    )


def own_standing(snapshot: Json, iso2: str) -> str:
    """Where the State's report stood when the data were frozen."""
    report = snapshot["rounds"][0]["reports"].get(iso2, {})  # one that was asked in the round before alone has none
    standing: str = report.get("standing", Standing.NOT_REPORTED.value)
    return standing


# --- frozen data of one State ---------------------------------------------

COMMON = ("form", "plan", "catalogue", "areas", "activities", "themes", "with_contributions")


def paper_states(snapshot: Json) -> list[str]:
    """Codes of the States that were asked to report, those left out among them: they are told why."""
    return sorted(set(snapshot["rounds"][0]["reports"]) - {SECRETARIAT})


def own_data(snapshot: Json, iso2: str) -> dict[str, Any]:
    """The frozen data as if there were no other State: the same queries then find the figures of this one alone.

    Nothing that somebody else's report, comment or request changes is in it, not even as a count.
    """
    return {
        **{name: snapshot[name] for name in COMMON},
        "states": [state for state in snapshot["states"] if state["iso2"] == iso2],
        "meeting": snapshot.get("meeting"),  # older data name none
        "not_participating": [],
        "not_covered": [],
        "rounds": [_own_round(round_, iso2) for round_ in snapshot["rounds"]],
        "excluded": [row for row in snapshot["excluded"] if row["iso2"] == iso2],
        "answers": {code: answer for code, answer in snapshot["answers"].items() if code == iso2},
        **_own_practice(snapshot, iso2),
        "sections": _own_sections(snapshot["sections"], iso2),
        "elements": [],
        "comments": [row for row in snapshot.get("comments", []) if row["state"] == iso2],
    }


def frozen_papers(evaluation: Evaluation, snapshot: Json, now: datetime) -> dict[str, dict[str, str]]:
    """The fingerprint of each State's part, and since when the evaluation has it: what did not change keeps its day."""
    before = {
        (iso2, paper["sha256"]): paper["as_of"]
        for papers in evaluation.snapshots.order_by("-pk").values_list("content__papers", flat=True)
        for iso2, paper in (papers or {}).items()
    }
    found = {iso2: content_hash(own_data(snapshot, iso2)) for iso2 in paper_states(snapshot)}
    return {
        iso2: {"sha256": digest, "as_of": before.get((iso2, digest), now.isoformat())} for iso2, digest in found.items()
    }


def own_translations(snapshot: Json, iso2: str, language: str) -> dict[str, str]:
    """Of what the State wrote, of the reason why it is left out, and of contributions in which it is named."""
    texts = snapshot.get("translations", {}).get(language, {})
    own = {iso2, *(row["reference"] for row in contributions_in(snapshot) if _concerns(row, iso2))}
    return {key: text for key, text in texts.items() if key.split(":")[1] in own}


def contributions_in(snapshot: Json) -> list[Json]:
    """None where the evaluation was defined without them."""
    found = snapshot.get("sections", {}).get("contributions")
    return list(found["contributions"]) if found else []


def _concerns(row: Json, iso2: str) -> bool:
    return iso2 in row["states"] or any(reply["state"] == iso2 for reply in row["replies"])


def _own_practice(snapshot: Json, iso2: str) -> dict[str, Any]:
    """A State that describes none has the part that it had in data of before."""
    told = snapshot.get("practice", {}).get(iso2)
    return {"practice": {iso2: told}} if told else {}


def _own_round(round_: Json, iso2: str) -> dict[str, Any]:
    return {**round_, "reports": {code: report for code, report in round_["reports"].items() if code == iso2}}


def _own_sections(sections: Json, iso2: str) -> dict[str, Any]:
    """What is None stays None: that nothing is held is said of a State as it is said of all."""
    found = {name: sections[name] for name in ("institutions", "statistics", "contributions", "assistance")}
    if found["institutions"]:
        rows = found["institutions"]["authorities"]
        found["institutions"] = {"authorities": [row for row in rows if row["state"] == iso2]}
    if found["contributions"]:
        rows = found["contributions"]["contributions"]
        concerning = [_own_contribution(row, iso2) for row in rows if _concerns(row, iso2)]
        found["contributions"] = {"contributions": concerning, "closed": 0}
    if found["assistance"]:
        rows = [_own_topic(row, iso2) for row in found["assistance"]["topics"]]
        found["assistance"] = {"topics": [row for row in rows if row["needs"] or row["offers"]]}
    if found["statistics"] and "tables" in found["statistics"]:
        tables = found["statistics"]["states"].get(iso2)
        found["statistics"] = {**found["statistics"], "tables": [], "states": {iso2: tables} if tables else {}}
    agreements = _own_agreements(sections["agreements"], iso2)
    return {**found, **_own_law(sections, iso2), "networks": None, "agreements": agreements}


def _own_law(sections: Json, iso2: str) -> dict[str, Any]:
    """Its own entries, and the treaties they name: what others enter changes nothing here. Data frozen before there
    was a register say nothing of it."""
    if "law" not in sections:
        return {}
    found = sections["law"] or {"plans": [], "treaties": [], "acts": []}
    acts = [row for row in found["acts"] if row["state"] == iso2]
    named = {row["treaty"] for row in acts}
    treaties = [row for row in found["treaties"] if row["code"] in named]
    plans = [row for row in found["plans"] if row["state"] == iso2]
    return {"law": {"plans": plans, "treaties": treaties, "acts": acts}}


def _own_contribution(row: Json, iso2: str) -> dict[str, Any]:
    replies = [reply for reply in row["replies"] if reply["state"] == iso2]
    return {**row, "states": [code for code in row["states"] if code == iso2], "replies": replies}


def _own_topic(row: Json, iso2: str) -> dict[str, Any]:
    needs, offers = iso2 in row["needs"], iso2 in row["offers"]
    return {"topic": row["topic"], "needs": [iso2] * needs, "offers": [iso2] * offers, "other_offers": []}


def _own_agreements(found: Json | None, iso2: str) -> dict[str, Any] | None:
    """With the title alone: the other parties are other States."""
    if found is None:
        return None
    rows = [row for row in found["agreements"] if iso2 in row["parties"]]
    return {"agreements": [{**row, "parties": [iso2]} for row in rows]}
