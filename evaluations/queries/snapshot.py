"""The data of an evaluation, read once and frozen. Nothing else in this app reads reports.

The snapshot is plain JSON: figures.py computes from it, documents print it, its hash stands on the cover.
It holds no time of reading and no key of the database, so the same data give the same hash anywhere.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import models

from accounts.models import State
from core.i18n import LANGUAGES, column_suffix
from evaluations.enums import FOURTH_MEETING, SECRETARIAT, Standing, day_of
from evaluations.models import Conclusion, Element, Evaluation, Exclusion, Meeting, StateComment
from evaluations.queries.figures import count_round
from evaluations.queries.sections import build_sections, contributions
from workplan.enums import ImplementationStatus, ReportStatus, Theme
from workplan.models import Activity, Plan, Rating, Report, ReportVersion, Round

Json = dict[str, Any]
FORM = 8  # number of this shape; a new shape is a new number


def build_snapshot(evaluation: Evaluation) -> Json:
    """Everything the documents need, from accepted versions and their ratings; a fixed number of queries."""
    written = build_written(evaluation)
    return {
        **written,
        "form": FORM,
        "meeting": _meeting(evaluation.meeting),
        "plan": _plan(evaluation.plan),
        "catalogue": _catalogue(evaluation.round),
        "states": _states(_two_rounds(evaluation), evaluation.states),
        "not_participating": _not_participating(evaluation.round),
        "not_covered": _not_covered(evaluation),
        "further_rounds": _further(evaluation, written),
        "with_contributions": evaluation.with_contributions,
        "sections": build_sections(evaluation, written["sections"]),
        "conclusions": _conclusions(evaluation.meeting),
    }


def build_written(evaluation: Evaluation) -> Json:
    """The part of a snapshot that its texts are found in (translations.units_of): all that a page needs of it before
    there is one."""
    excluded = [_exclusion(row) for row in evaluation.exclusions.in_effect().select_related("state")]
    left_out = {row["iso2"] for row in excluded}
    return {
        "areas": [_area(area) for area in evaluation.plan.areas.all()],
        "activities": [_activity(activity) for activity in _activities(evaluation.round)],
        "themes": list(Theme.values),
        "rounds": _rounds(_two_rounds(evaluation), covered_reports(evaluation), left_out),
        "excluded": excluded,
        **_details(evaluation, left_out),
        "sections": {"contributions": contributions(evaluation)},
        "elements": [_element(row) for row in final_elements(evaluation)],
        "comments": final_comments(evaluation),
    }


def _two_rounds(evaluation: Evaluation) -> list[Round]:
    return [round_ for round_ in (evaluation.round, evaluation.compared_round) if round_ is not None]


def _further(evaluation: Evaluation, of: Json) -> list[Json]:
    """Only how many answered what: who did is no part of this evaluation (docs/adr/0206)."""
    rounds = list(evaluation.further_rounds.order_by("period_start"))
    left_out = {row["iso2"] for row in of["excluded"]}
    return [count_round(round_, of) for round_ in _rounds(rounds, covered_reports(evaluation), left_out)]


def build_live(
    rounds: Sequence[Round], reports: "models.QuerySet[Report]", only: Sequence[Activity] | None = None
) -> Json:
    """The part of a snapshot that distributions are computed from, as of now: for pages, and the same definitions.

    The first round is the one looked at; `only` are the activities wanted, with their areas. At most four queries,
    however many rounds there are.
    """
    activities = list(_activities(rounds[0]) if only is None else only)
    codes = [] if only is None else [row.code for row in only]
    areas = {activity.area_id: activity.area for activity in activities}
    return {
        "areas": [_area(area) for area in areas.values()],
        "activities": [_activity(activity) for activity in activities],
        "themes": list(Theme.values),
        "rounds": _rounds(rounds, reports, set(), codes),
        "answers": {},
    }


def covered_reports(evaluation: Evaluation) -> "models.QuerySet[Report]":
    """Of the States that the evaluation covers, and of the General Secretariat."""
    return Report.objects.filter(models.Q(state=None) | models.Q(state__iso2__in=evaluation.states))


def final_elements(evaluation: Evaluation) -> list[Element]:
    """The last version of each that is not a draft, in the order of the catalogue; new ones at the end."""
    order = {activity.code: activity.position for activity in _activities(evaluation.round)}
    rows = Element.objects.filter(evaluation=evaluation).printed()
    # N2 before N10: by the number in the key.
    return sorted(rows, key=lambda row: (order.get(row.key, len(order) + 1), len(row.key), row.key))


def final_comments(evaluation: Evaluation) -> list[Json]:
    """What States said of their own part, word for word, by State; what was taken back is not there."""
    rows = StateComment.objects.filter(consultation__evaluation=evaluation).last_versions().select_related("state")
    said = sorted((row for row in rows if row.text), key=lambda row: (row.state.iso2, row.area, row.consultation_id))
    return [_comment(row) for row in said]


def _comment(row: StateComment) -> Json:
    on = day_of(row.at).isoformat()
    return {"state": row.state.iso2, "area": row.area, "text": row.text, "language": row.language, "on": on}


def _element(row: Element) -> Json:
    names = ("key", "suggestion", "merge_into", "text", "language")
    return {name: getattr(row, name) for name in names}


def _exclusion(row: Exclusion) -> Json:
    return {"iso2": row.state.iso2, "name": _four(row.state, "name"), "reason": row.reason, "language": row.language}


def _four(obj: models.Model, base: str) -> dict[str, str]:
    return {language: getattr(obj, f"{base}_{column_suffix(language)}") for language in LANGUAGES}


def _conclusions(meeting: Meeting | None) -> list[Json]:
    """Of the last Meeting before this one that has any, each with the last word on what became of it."""
    number = meeting.number if meeting else FOURTH_MEETING
    rows = (
        Conclusion.objects.filter(meeting__number__lt=number).select_related("meeting").prefetch_related("follow_ups")
    )
    found = list(rows.order_by("-meeting__number", "position"))
    return [_conclusion(row) for row in found if row.meeting_id == found[0].meeting_id]


def _conclusion(row: Conclusion) -> Json:
    last = next(iter(row.follow_ups.all()), None)  # the latest comes first
    stands = {"status": last.status, "text": last.text, "language": last.language} if last else None
    return {"number": row.number, "meaning": _four(row, "meaning"), "stands": stands}


def _meeting(meeting: Meeting | None) -> Json | None:
    if meeting is None:
        return None
    days = {"starts_on": meeting.starts_on.isoformat(), "ends_on": meeting.ends_on.isoformat()}
    return {"number": meeting.number, "title": _four(meeting, "title"), "place": _four(meeting, "place"), **days}


def _plan(plan: Plan) -> Json:
    return {
        "title": _four(plan, "title"),
        "resolution": plan.resolution,
        "adopted_on": plan.adopted_on.isoformat(),
        "starts_on": plan.start_date.isoformat(),
        "original_end": plan.original_end_date.isoformat(),
        "source": plan.source,
        "amendments": [
            {
                "decided_on": amendment.decided_on.isoformat(),
                "meeting": amendment.meeting,
                "symbol": amendment.symbol,
                "source": amendment.source,
                "new_end": amendment.new_end_date.isoformat(),
                "text": _four(amendment, "text"),
            }
            for amendment in plan.amendments.order_by("decided_on")
        ],
    }


def _catalogue(round_: Round) -> Json:
    catalogue = round_.catalogue
    return {"number": catalogue.number, "is_official": catalogue.is_official, "sha256": catalogue.sha256}


def _area(area: Any) -> Json:
    return {"code": area.code, "title": _four(area, "title")}


def _activities(round_: Round) -> "models.QuerySet[Activity]":
    return Activity.objects.filter(catalogue=round_.catalogue_id).select_related("area").order_by("position")


def _activity(activity: Activity) -> Json:
    return {
        "code": activity.code,
        "number": activity.number,
        "area": activity.area.code,
        "responsible": activity.responsible,
        "themes": sorted(activity.themes),
        "verified": activity.verified,
        "title": _four(activity, "title"),
    }


def _states(rounds: list[Round], covered: Sequence[str]) -> list[Json]:
    """The States covered that were asked to report in one of the rounds: participation as it was then."""
    return _named(State.objects.filter(reports__round__in=rounds, iso2__in=covered))


def _not_covered(evaluation: Evaluation) -> list[Json]:
    """States asked to report in the round and no part of the definition."""
    return _named(State.objects.filter(reports__round=evaluation.round).exclude(iso2__in=evaluation.states))


def _not_participating(round_: Round) -> list[Json]:
    members = State.objects.filter(memberships__kind="member").exclude(reports__round=round_)
    return _named(members)


def _named(states: "models.QuerySet[State]") -> list[Json]:
    return [{"iso2": state.iso2, "name": _four(state, "name")} for state in states.distinct().order_by("iso2")]


def _rounds(
    rounds: Sequence[Round], of: "models.QuerySet[Report]", left_out: set[str], codes: Sequence[str] = ()
) -> list[Json]:
    # The contents of versions are large, and no figure is read from them here.
    found = of.filter(round__in=rounds).select_related("state", "accepted_version").defer("accepted_version__content")
    reports = list(found)
    ratings = _ratings([report.accepted_version_id for report in reports if report.accepted_version_id], codes)
    return [_round(round_, [r for r in reports if r.round_id == round_.pk], ratings, left_out) for round_ in rounds]


def _round(round_: Round, reports: list[Report], ratings: dict[int, Json], left_out: set[str]) -> Json:
    return {
        "code": round_.code,
        "period": [round_.period_start.isoformat(), round_.period_end.isoformat()],
        "due_on": round_.due_on.isoformat(),
        "opened_on": day_of(round_.opened_at).isoformat() if round_.opened_at else None,
        "closed_on": day_of(round_.closed_at).isoformat() if round_.closed_at else None,
        "reports": {_reporter(report): _report(report, ratings, left_out) for report in reports},
    }


def _reporter(report: Report) -> str:
    return report.state.iso2 if report.state else SECRETARIAT


def _report(report: Report, ratings: dict[int, Json], left_out: set[str]) -> Json:
    """An accepted report with [rating, self-rating] per activity; of others, only where they stand."""
    if _reporter(report) in left_out:
        return {"standing": Standing.EXCLUDED.value}
    version = report.accepted_version
    if version is None:
        return {"standing": standing_of(report)}
    return {
        "standing": Standing.ACCEPTED.value,
        "version": version.number,
        "sha256": version.sha256,
        "language": report.language,
        "ratings": ratings.get(version.pk, {}),
    }


def standing_of(report: Report) -> str:
    sent = report.status in {ReportStatus.SUBMITTED, ReportStatus.RETURNED} or report.submitted_at is not None
    return Standing.SUBMITTED.value if sent else Standing.NOT_REPORTED.value


def _ratings(versions: Any, codes: Sequence[str] = ()) -> dict[int, Json]:
    """Ratings of accepted versions, named by their keys or a query: {version: {activity: [rating, self-rating]}}."""
    found: dict[int, Json] = {}
    rows = Rating.objects.filter(version__in=versions)
    rows = rows.filter(activity__code__in=codes) if codes else rows
    for version, code, status, own in rows.values_list("version", "activity__code", "status", "self_status"):
        found.setdefault(version, {})[code] = [status, own]
    return found


def _details(evaluation: Evaluation, left_out: set[str]) -> Json:
    """What States wrote and counted in accepted reports: {State: {activity: {...}}}, only where there is something;
    and in the same way what they describe as a good practice.

    Results are kept in the State's own words where the answer is fully implemented: the documents quote no others,
    and the rest of the text stays in the report.
    """
    versions = ReportVersion.objects.filter(
        accepted_for__round=evaluation.round, accepted_for__state__iso2__in=evaluation.states
    )
    ratings = _ratings(versions.values("pk"))
    found: Json = {}
    practice: Json = {}
    for pk, iso2, entries in versions.values_list("pk", "report__state__iso2", "content__entries").iterator():
        if iso2 not in left_out:
            found[iso2] = _answers(entries, ratings.get(pk, {}))
            practice |= {iso2: told} if (told := _practice(entries)) else {}
    return {"answers": found, "practice": practice}


def _practice(entries: list[Json]) -> Json:
    """Whatever the rating: what others could take up may be part of an activity that has far to go."""
    return {
        entry["activity"]: {"text": entry["good_practice"], "language": entry["language"]}
        for entry in entries
        if entry.get("good_practice")  # versions of before have none
    }


def _answers(entries: list[Json], ratings: Json) -> Json:
    details = {entry["activity"]: _answer(entry, ratings.get(entry["activity"], [""])[0]) for entry in entries}
    return {code: detail for code, detail in details.items() if detail}


def _answer(entry: Json, rating: str) -> Json:
    kinds = Counter(action["kind"] for action in entry["actions"])
    achieved = rating == ImplementationStatus.FULL and entry["results"]
    parts = {
        "actions": dict(sorted(kinds.items())),
        "obstacles": sorted(entry["obstacle_kinds"]),
        "results": entry["results"] if achieved else "",
        "language": entry["language"] if achieved else "",
    }
    return {name: part for name, part in parts.items() if part}
