"""What the page of an activity says of it: how it stands in States, by name and never by rank."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from core.templatetags.charts import BarPart
from core.templatetags.portal import month_date
from evaluations.delivery.content import name_key
from evaluations.queries.figures import ADVANCED, Answer, Distribution, Json, answers, distribution, reporters
from oas_trafficking.presenters.dashboard import bar
from workplan.delivery import Reading
from workplan.enums import ImplementationStatus, Obstacle
from workplan.models import Activity, ReportVersion, Round
from workplan.presenters import Answer as Said
from workplan.presenters import answer

STATUSES = tuple(ImplementationStatus)


@dataclass(frozen=True)
class PeriodLine:
    """How many States stand at each step in one period."""

    code: str
    days: str
    figures: list[int]
    bar: list[BarPart]
    total: int


@dataclass(frozen=True)
class StateLine:
    """One State, period after period: code and word of its status, or nothing."""

    name: str
    url: str
    cells: list[tuple[str, str]]


@dataclass(frozen=True)
class Words:
    """What a State wrote last."""

    iso2: str
    name: str
    url: str
    period: str
    said: Said

    @property
    def is_advanced(self) -> bool:
        return self.said.status in ADVANCED


@dataclass(frozen=True)
class Told:
    """What one kind of reader is told: figures by period, States by name, and their last words."""

    lines: list[PeriodLine]
    states: list[StateLine]
    words: list[Words]

    @property
    def periods(self) -> list[str]:
        return [line.code for line in self.lines]

    @property
    def practice(self) -> list[Words]:
        """What States themselves call a good practice."""
        return [row for row in self.words if row.said.good_practice]

    @property
    def achieved(self) -> list[Words]:
        """Results where the activity is mostly or fully implemented."""
        return [row for row in self.words if row.is_advanced and row.said.results]

    @property
    def hindered(self) -> list[Words]:
        return [row for row in self.words if row.said.obstacles]

    @property
    def obstacles(self) -> list[tuple[str, int]]:
        """Kinds of obstacles in the order of the list, each with how many States name it."""
        found = Counter(kind for row in self.words for kind in row.said.obstacle_kinds)
        return [(str(kind.label), found[str(kind.label)]) for kind in Obstacle if found[str(kind.label)]]


def told_of_accepted(live: Json, rounds: Sequence[Round], versions: Sequence[ReportVersion], of: Activity) -> Told:
    """From accepted reports, with the reviewed ratings."""
    by_round = {r["code"]: answers(r, [of.code], reporters(r)) for r in live["rounds"]}
    ratings = {(code, a.reporter): a.rating for code, found in by_round.items() for a in found}
    return _told(by_round, rounds, versions, of, ratings)


def told_of_published(versions: Sequence[ReportVersion], of: Activity) -> Told:
    """From what States published, with their own ratings: the review’s stay inside."""
    rounds = list({version.report.round_id: version.report.round for version in versions}.values())
    by_round: dict[str, list[Answer]] = {round_.code: [] for round_ in rounds}
    for version in versions:
        own = version.entries[0]["status"]  # type: ignore[attr-defined]
        by_round[version.report.round.code].append(Answer(_iso2(version), of.code, own, own))
    return _told(by_round, rounds, versions, of, {})


def _told(
    by_round: Mapping[str, Sequence[Answer]],
    rounds: Sequence[Round],
    versions: Sequence[ReportVersion],
    of: Activity,
    ratings: Mapping[tuple[str, str], str],
) -> Told:
    lines = [_period_line(round_, by_round[round_.code]) for round_ in rounds]
    names = {_iso2(version): _name(version) for version in versions}
    return Told(lines, _state_lines(by_round, names), _last_words(versions, of, ratings))


def _period_line(round_: Round, found: Sequence[Answer]) -> PeriodLine:
    spread = distribution(found)
    days = f"{month_date(round_.period_start, 'short')} – {month_date(round_.period_end, 'short')}"
    return PeriodLine(round_.code, days, _figures(spread), bar(spread), spread.total)


def _figures(of: Distribution) -> list[int]:
    return [of.counts[status.value] for status in STATUSES]


def _state_lines(by_round: Mapping[str, Sequence[Answer]], names: Mapping[str, str]) -> list[StateLine]:
    """States that answered at least once, in the alphabet of the page."""
    cells: dict[str, dict[str, str]] = {iso2: {} for iso2 in names}
    for code, found in by_round.items():
        for row in found:
            cells.setdefault(row.reporter, {})[code] = row.rating
    ordered = sorted(names.items(), key=lambda pair: name_key(pair[1]))
    return [
        StateLine(name, _address(iso2), [_cell(cells[iso2].get(c, "")) for c in by_round]) for iso2, name in ordered
    ]


def _cell(status: str) -> tuple[str, str]:
    return (status, str(ImplementationStatus(status).label)) if status else ("", "")


def _last_words(versions: Sequence[ReportVersion], of: Activity, ratings: Mapping[tuple[str, str], str]) -> list[Words]:
    """The newest of each State; versions come newest first."""
    last: dict[str, ReportVersion] = {}
    for version in versions:
        last.setdefault(_iso2(version), version)
    names = Reading().names  # of States in answers: asked for once, and only where there are any
    rows = [_words(version, of, ratings, Reading(version.report.round.period_end, names)) for version in last.values()]
    return sorted(rows, key=lambda row: name_key(row.name))


def _words(version: ReportVersion, of: Activity, ratings: Mapping[tuple[str, str], str], reading: Reading) -> Words:
    period, iso2 = version.report.round, _iso2(version)
    # Evidence, and what it is called, has readers of its own.
    entry: dict[str, Any] = {**version.entries[0], "evidence": []}  # type: ignore[attr-defined]
    entry["status"] = ratings.get((period.code, iso2), entry["status"])
    said = answer(entry, of, [], [], reading)
    return Words(iso2.lower(), _name(version), _address(iso2), period.code, said)


def _iso2(version: ReportVersion) -> str:
    return version.report.state.iso2 if version.report.state else ""


def _name(version: ReportVersion) -> str:
    return str(version.report.state)


def _address(iso2: str) -> str:
    return reverse("state_detail", args=[iso2.lower()])


def status_heads() -> list[str]:
    """The steps of the scale, as columns."""
    return [str(status.label) for status in STATUSES]
