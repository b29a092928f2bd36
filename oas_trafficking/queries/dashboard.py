"""Reads of the dashboard: the figures of two periods as of now, and where each State's report stands.

Figures are those of the evaluation (evaluations.queries.figures); nothing is defined here a second time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Func, IntegerField, Max, OuterRef, Q, QuerySet, Subquery

from evaluations.queries.figures import (
    Answer,
    Json,
    Response,
    Row,
    addressed_to_states,
    answers,
    area_activities,
    reporters,
    response,
    row,
)
from evaluations.queries.snapshot import build_live
from workplan.enums import ImplementationStatus, QuestionStatus, Step
from workplan.models import Report, ReportVersion, Round

# What a count of the tables stands for, and the name it has in an address.
UNDER_WAY = ("planned", "partial", "substantial")
GROUPS: dict[str, tuple[str, ...]] = {
    "full": ("full",),
    "under_way": UNDER_WAY,
    "not_started": ("not_started",),
    "no_information": ("no_information",),
    "advanced": ("substantial", "full"),
    "counted": ("full", *UNDER_WAY, "not_started"),
    **{status: (status,) for status in ImplementationStatus.values},
}


class Answered(Func):
    """How many entries of a version's content give information."""

    template = (
        "jsonb_array_length(jsonb_path_query_array(%(expressions)s, '$.entries[*] ? (@.status != \"no_information\")'))"
    )
    output_field = IntegerField()


class Addressed(Func):
    template = "jsonb_array_length(%(expressions)s -> 'entries')"
    output_field = IntegerField()


@dataclass(frozen=True)
class Overview:
    """The figures of a period, beside those of the one it is compared with."""

    round: Round
    compared: Round | None
    live: Json
    response: Response
    response_before: Response | None
    overall: Row
    areas: tuple[Row, ...]


def overview(round_: Round, compared: Round | None) -> Overview:
    """Of every State."""
    rounds = [round_, compared] if compared else [round_]
    return _overview(round_, compared, build_live(rounds, Report.objects.filter(state__isnull=False)))


def state_overview(round_: Round, compared: Round | None, reports: Sequence[Report]) -> Overview:
    """Of one State's reports, which are those the reader may open. All their periods are read, for its history."""
    looked_at = [round_, compared] if compared else [round_]
    rounds = [*looked_at, *(report.round for report in reports if report.round not in looked_at)]
    return _overview(round_, compared, build_live(rounds, Report.objects.filter(pk__in=[r.pk for r in reports])))


def past(of: Overview) -> list[tuple[str, Row]]:
    """Every period read, the latest first, each with its own figures and without a change."""
    rounds = sorted(of.live["rounds"], key=lambda r: str(r["period"][0]), reverse=True)
    activities = addressed_to_states(of.live)
    return [(r["code"], row({**of.live, "rounds": [r]}, "", activities)) for r in rounds]


def _overview(round_: Round, compared: Round | None, live: Json) -> Overview:
    current, *earlier = live["rounds"]
    earlier = earlier if compared else []
    pair = {**live, "rounds": [current, *earlier[:1]]}
    return Overview(
        round=round_,
        compared=compared,
        live=live,
        response=response(current),
        response_before=response(earlier[0]) if earlier else None,
        overall=row(pair, "", addressed_to_states(live)),
        areas=tuple(row(pair, area["code"], area_activities(live, area["code"])) for area in live["areas"]),
    )


def standings(round_: Round) -> "QuerySet[Report]":
    """Each State's report of the round: status, dates and counts, never content.

    `answered` of `addressed` entries were in what it sent last, none of either before; what was taken back unread
    stays the State's own.
    """
    sent = ReportVersion.objects.filter(report=OuterRef("pk")).exclude(changes__step=Step.WITHDRAW).order_by("-number")
    reports = Report.objects.filter(round=round_, state__isnull=False).select_related("round", "state")
    return reports.annotate(
        sent_last=Subquery(sent.values("submitted_at")[:1]),
        answered=Subquery(sent.annotate(count=Answered(F("content"))).values("count")[:1]),
        addressed=Subquery(sent.annotate(count=Addressed(F("content"))).values("count")[:1]),
        returned_at=Max("changes__at", filter=Q(changes__step=Step.RETURN)),
        open_questions=Count("questions", filter=Q(questions__status=QuestionStatus.OPEN), distinct=True),
    )


@dataclass(frozen=True)
class AnswerPair:
    """An answer, and the same State's answer to the same activity in the period compared with."""

    now: Answer
    before: Answer | None


def answer_list(of: Overview, *, area: str = "", activity: str = "", group: str = "", state: str = "") -> list[Any]:
    """What a count is made of; activities in the order of the plan and States in that of their codes."""
    activities = area_activities(of.live, area) if area else addressed_to_states(of.live)
    codes = [a["code"] for a in activities if activity in ("", a["code"])]
    current, *earlier = of.live["rounds"]
    earlier = earlier if of.compared else []
    who = [code for code in reporters(current) if state in ("", code)]
    before = _by_place(answers(earlier[0], codes, who)) if earlier else {}
    wanted = GROUPS.get(group, ImplementationStatus.values)
    found = [answer for answer in answers(current, codes, who) if answer.rating in wanted]
    order = {code: place for place, code in enumerate(codes)}
    found.sort(key=lambda answer: order[answer.activity])
    return [AnswerPair(answer, before.get((answer.reporter, answer.activity))) for answer in found]


def _by_place(of: Sequence[Answer]) -> dict[tuple[str, str], Answer]:
    return {(answer.reporter, answer.activity): answer for answer in of}
