"""What the dashboard, its lists of answers and its files say. Every count is a link to what it counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.models import State
from core.i18n import LANGUAGES
from core.templatetags.portal import month_date, month_moment, percent, thousands
from evaluations.delivery.content import name_key, signed
from evaluations.delivery.xlsx import Sheet
from evaluations.models import Evaluation
from evaluations.queries.figures import Distribution, Json, Row, addressed_to_states, percent_of
from networks.presenters import duration_words
from oas_trafficking.queries.dashboard import UNDER_WAY, Overview
from workplan.enums import NOT_YET_SENT, ImplementationStatus, ReportStatus, RoundStatus
from workplan.models import Report, Round
from workplan.presenters import LONG_AGO, MATRIX_WORDS, report_tag

LEAST_DIFFERENCE = 3  # percentage points below which areas are said to move alike
LONG_WAIT = 10  # days
MOST_TASKS = 6
GROUP_WORDS: dict[str, Promise] = {
    "full": gettext_lazy("Full"),
    "under_way": gettext_lazy("Under way"),
    "not_started": gettext_lazy("Not started"),
    "no_information": gettext_lazy("No information"),
    "advanced": gettext_lazy("Mostly or fully implemented"),
    "counted": gettext_lazy("On the scale"),
    "not_applicable": gettext_lazy("Not applicable"),
}
COLUMNS = ("full", "under_way", "not_started", "no_information", "not_applicable")


@dataclass(frozen=True)
class Change:
    """A difference with its mark and its sign; never by color alone."""

    sign: str  # up, down, same, or empty where nothing can be compared
    text: str


@dataclass(frozen=True)
class Stat:
    label: str
    figure: str
    unit: str
    note: str
    sign: str
    url: str
    link_text: str
    tone: str = ""


@dataclass(frozen=True)
class Count:
    group: str
    figure: int
    url: str


@dataclass(frozen=True)
class Line:
    """An area, or another row of distributions."""

    code: str
    name: str
    url: str
    counts: tuple[Count, ...]
    row: Row
    change: Change

    @property
    def bar(self) -> list[int]:
        return [count.figure for count in self.counts[:4]]

    @property
    def points(self) -> int | None:
        return self.row.change.points if self.row.change else None


@dataclass(frozen=True)
class Task:
    since: date
    title: str
    url: str
    note: str
    status: str
    status_label: str
    remind_url: str = ""  # where one button reminds all of them


@dataclass(frozen=True)
class Waiting:
    """A State whose report is not accepted."""

    report: Report
    name: str
    url: str
    status: str
    status_label: str
    arrived: str
    since: date
    days: int
    step: str
    step_url: str


def group_counts(of: Distribution) -> dict[str, int]:
    counts = of.counts
    under_way = sum(counts[status] for status in UNDER_WAY)
    return {name: under_way if name == "under_way" else counts[name] for name in COLUMNS}


def title_of(titles: Json, language: str) -> str:
    """The words of a code in a language of the page."""
    return str(titles[language if language in LANGUAGES else "en"])


def change_of(of: Row) -> Change:
    points = of.change.points if of.change else None
    if points is None:
        return Change("", "—")
    return Change("up" if points > 0 else "down" if points < 0 else "same", signed(points).removeprefix("=") or "0")


@dataclass(frozen=True)
class Corridor:
    """How soon authorities of one State answer those of another."""

    title: str
    url: str
    asked: int
    answered: int
    waiting: int
    overdue: int
    median: str


class Dashboard:
    """Everything one page or file of the dashboard says. Read it while its language is active."""

    def __init__(
        self,
        of: Overview,
        reports: Sequence[Report],
        evaluations: Sequence[Evaluation],
        query: Mapping[str, str],
        language: str,
        at: datetime,
        corridors: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.of, self.reports, self.evaluations, self.query = of, reports, evaluations, query
        self.language, self.at = language, at
        self.pairs = corridors
        self.tags = {report.pk: self._tag(report) for report in reports}

    def _tag(self, report: Report) -> tuple[str, str]:
        code, label = report_tag(report)
        # As the table of the period says it: in a frozen one nothing is awaited any more.
        if code == "overdue" and self.of.round.status == RoundStatus.FROZEN:
            return "not_sent", str(MATRIX_WORDS["not_sent"])
        return code, label

    # --- addresses --------------------------------------------------------

    def link(self, name: str, *args: str, **more: str) -> str:
        return f"{reverse(name, args=args)}?{urlencode({**self.query, **more})}"

    def _matrix(self, status: str = "") -> str:
        url = reverse("submission_matrix", args=[self.of.round.code])
        return f"{url}?status={status}" if status else url

    def _state(self, report: Report) -> str:
        assert report.state is not None  # noqa: S101 - reports of States only
        return self.link("state_detail", report.state.iso2.lower())

    @property
    def files(self) -> list[tuple[str, str]]:
        return [(kind.upper(), self.link("dashboard_export", kind)) for kind in ("xlsx", "csv")]

    @property
    def meta(self) -> str:
        words = {"code": self.of.round.code, "moment": month_moment(self.at)}
        return _("Period %(code)s, data as of %(moment)s") % words

    # --- four figures -----------------------------------------------------

    @property
    def stats(self) -> list[Stat]:
        return [self._received(), self._advanced(), self._in_review(), self._overdue()]

    @property
    def received(self) -> int:
        return len(self.of.response.accepted) + len(self.of.response.submitted)

    def _received(self) -> Stat:
        before = self.of.response_before
        sign, note = "", ""
        if before is not None:
            change = self.received - len(before.accepted) - len(before.submitted)
            sign, note = sign_of(change), self._more_or_fewer(change)
        total = ngettext("of %(count)s State", "of %(count)s States", self.of.response.total)
        unit = total % {"count": self.of.response.total}
        link = _("See who has reported")
        return Stat(_("Reports received"), thousands(self.received), unit, note, sign, self._matrix("received"), link)

    def _more_or_fewer(self, change: int) -> str:
        words = {"count": thousands(abs(change)), "code": self.of.compared.code if self.of.compared else ""}
        if change > 0:
            return ngettext("%(count)s more than in %(code)s", "%(count)s more than in %(code)s", change) % words
        if change < 0:
            return ngettext("%(count)s fewer than in %(code)s", "%(count)s fewer than in %(code)s", -change) % words
        return _("As many as in %(code)s") % words

    def _advanced(self) -> Stat:
        of = self.of.overall.distribution
        unit = _("%(part)s of %(whole)s") % {"part": thousands(of.advanced), "whole": thousands(of.counted)}
        change = self.of.overall.change
        points = change.points if change else None
        figure = "—" if of.share is None else percent(of.share)
        url = self.link("dashboard_answers", status="advanced")
        sign = sign_of(points)
        return Stat(
            _("Answers mostly or fully implemented"),
            figure,
            unit,
            points_words(points, self.of.compared),
            sign,
            url,
            _("See the answers"),
        )

    def _in_review(self) -> Stat:
        waiting = self._with_status(ReportStatus.SUBMITTED)
        note = ""
        if waiting:
            note = self._longest_wait(min(self._since(report) for report in waiting))
        url, link = self._matrix(ReportStatus.SUBMITTED), _("See these States")
        return Stat(_("In review by the Secretariat"), thousands(len(waiting)), "", note, "", url, link)

    def _longest_wait(self, since: datetime) -> str:
        """In days while they say something; later the date says more than a four-figure count."""
        days = (self.at - since).days
        if days > LONG_AGO:
            return _("the longest wait began on %(date)s") % {"date": month_date(since)}
        words = ngettext("the longest wait is %(days)s day", "the longest wait is %(days)s days", days)
        return words % {"days": days}

    def _overdue(self) -> Stat:
        count = len(self._with_status("overdue"))
        tone = "attention" if count else ""
        return Stat(
            _("Overdue reports"), thousands(count), "", "", "", self._matrix("overdue"), _("See these States"), tone
        )

    def _with_status(self, status: str) -> list[Report]:
        return [report for report in self.reports if self.tags[report.pk][0] == status]

    # --- areas ------------------------------------------------------------

    @property
    def lines(self) -> list[Line]:
        titles = {area["code"]: title_of(area["title"], self.language) for area in self.of.live["areas"]}
        return [self._line(row, titles[row.code]) for row in self.of.areas]

    def _line(self, row: Row, name: str) -> Line:
        counts = tuple(
            Count(group, figure, self.link("dashboard_answers", area=row.code, status=group))
            for group, figure in group_counts(row.distribution).items()
        )
        return Line(row.code, name, self.link("dashboard_answers", area=row.code), counts, row, change_of(row))

    @property
    def finding(self) -> str:
        """What the table says, by rule: the area with the smallest change, unless they move alike."""
        known = [(line.row.change.points, line) for line in self.lines if line.row.change]
        points = sorted(point for point, _line in known if point is not None)
        if len(points) < len(self.of.areas) or not points or self.of.compared is None:
            return _("Answers by area and status")
        code = {"code": self.of.compared.code}
        if points[-1] - points[0] < LEAST_DIFFERENCE or points[0] == points[1]:
            return _("No area stands apart in its change since %(code)s") % code
        name = next(line.name for point, line in known if point == points[0])
        words = {**code, "area": name, "change": change_of_points(points[0])}
        return _("Smallest change since %(code)s: %(area)s (%(change)s points)") % words

    # --- what waits -------------------------------------------------------

    def _since(self, report: Report) -> datetime:
        """The moment since which the report has stood where it stands."""
        found: datetime | None = report.returned_at if report.status == ReportStatus.RETURNED else report.sent_last  # type: ignore[attr-defined]
        return found or report.submitted_at or self.at

    def _since_day(self, report: Report) -> date:
        if report.status in NOT_YET_SENT:
            return report.due_on
        return timezone.localdate(self._since(report))

    @property
    def tasks(self) -> list[Task]:
        """What waits for somebody, the oldest first."""
        found = [
            *(self._review_task(report) for report in self._with_status(ReportStatus.SUBMITTED)),
            *(self._returned_task(report) for report in self._with_status(ReportStatus.RETURNED)),
            *self._overdue_task(),
            *(self._evaluation_task(evaluation) for evaluation in self.evaluations),
        ]
        return sorted(found, key=lambda task: task.since)[:MOST_TASKS]

    def _review_task(self, report: Report) -> Task:
        day = self._since_day(report)
        title = _("%(state)s: report sent") % {"state": report.state}
        note = _("Sent on %(date)s") % {"date": month_date(day)}
        code, label = self.tags[report.pk]
        return Task(day, title, reverse("review_detail", args=[report.reference]), note, code, label)

    def _returned_task(self, report: Report) -> Task:
        day, count = self._since_day(report), report.open_questions  # type: ignore[attr-defined]
        title = ngettext("%(state)s: %(count)d open question", "%(state)s: %(count)d open questions", count)
        note = _("Returned on %(date)s") % {"date": month_date(day)}
        code, label = self.tags[report.pk]
        return Task(day, title % {"state": report.state, "count": count}, report.get_absolute_url(), note, code, label)

    def _overdue_task(self) -> Iterable[Task]:
        """All of them are one task: they are reminded together."""
        late = sorted(self._with_status("overdue"), key=self._follow_key)
        if not late:
            return
        words = {"state": late[0].state, "count": len(late) - 1}
        title = _("%(state)s: overdue") % words
        if len(late) > 1:
            title = (
                ngettext(
                    "%(state)s and %(count)d more: overdue", "%(state)s and %(count)d more: overdue", len(late) - 1
                )
                % words
            )
        note = _("Due since %(date)s") % {"date": month_date(late[0].due_on)}
        takes = self.of.round.status == RoundStatus.OPEN
        remind = reverse("dashboard_remind", args=[self.of.round.code]) if takes else ""
        yield Task(late[0].due_on, title, self._matrix("overdue"), note, *self.tags[late[0].pk], remind)

    def _evaluation_task(self, evaluation: Evaluation) -> Task:
        day = timezone.localdate(evaluation.created_at)
        title = _("Evaluation summary %(symbol)s") % {"symbol": evaluation.symbol}
        note = _("Begun on %(date)s") % {"date": month_date(day)}
        return Task(day, title, evaluation.get_absolute_url(), note, "draft", _("Draft"))

    # --- States -----------------------------------------------------------

    @property
    def tiles(self) -> list[dict[str, Any]]:
        return [
            {
                "code": report.state.iso2,
                "name": report.state.name,
                "url": self._state(report),
                "value": percent_of(report.answered, report.addressed) if report.answered is not None else None,  # type: ignore[attr-defined]
            }
            for report in self.reports
            if report.state is not None
        ]

    def _follow_key(self, report: Report) -> Any:
        return self._since_day(report), name_key(str(report.state))

    @property
    def waiting(self) -> list[Waiting]:
        """States to follow up: those whose report is not accepted, the oldest wait first and never by score."""
        found = [report for report in self.reports if report.status != ReportStatus.ACCEPTED]
        return [self._waiting(report) for report in sorted(found, key=self._follow_key)]

    def _waiting(self, report: Report) -> Waiting:
        code, label = self.tags[report.pk]
        since = self._since_day(report)
        step, url = self._next_step(report, code)
        answered, addressed = report.answered, report.addressed  # type: ignore[attr-defined]
        arrived = "—" if answered is None else f"{answered} / {addressed}"
        days = max((report.today - since).days, 0)
        return Waiting(report, str(report.state), self._state(report), code, label, arrived, since, days, step, url)

    def _next_step(self, report: Report, code: str) -> tuple[str, str]:
        if code == ReportStatus.SUBMITTED:
            return _("Review"), reverse("review_detail", args=[report.reference])
        if code == "overdue":
            return _("Remind"), self._state(report)
        return _("Waits for the State"), ""

    # --- answer times -----------------------------------------------------

    @property
    def corridors(self) -> list[Corridor]:
        names = {report.state.pk: report.state for report in self.reports if report.state}
        known = [row for row in self.pairs if {row["sender_state"], row["receiver_state"]} <= names.keys()]
        return [self._corridor(row, names[row["sender_state"]], names[row["receiver_state"]]) for row in known]

    @staticmethod
    def _corridor(row: Mapping[str, Any], sender: State, receiver: State) -> Corridor:
        return Corridor(
            title=_("%(sender)s to %(receiver)s") % {"sender": sender, "receiver": receiver},
            url=reverse("cooperation_pair", args=[sender.iso2.lower(), receiver.iso2.lower()]),
            median=duration_words(row["median"]),
            **{name: row[name] for name in ("asked", "answered", "waiting", "overdue")},
        )

    @property
    def corridors_lead(self) -> str:
        count = self.pairs[0]["pairs"] if self.pairs else 0
        return ngettext(
            "Half of the answers came within the time shown. %(shown)s of %(count)s pair, those that ask most first.",
            "Half of the answers came within the time shown. %(shown)s of %(count)s pairs, those that ask most first.",
            count,
        ) % {"count": thousands(count), "shown": thousands(len(self.corridors))}

    # --- files ------------------------------------------------------------

    def sheets(self) -> list[Sheet]:
        return [
            self._about(),
            self._figures(),
            self._areas(),
            self._states(),
            self._follow(),
            self._answer_times(),
        ]

    def _about(self) -> Sheet:
        of = self.of
        rows: list[tuple[str | int, ...]] = [
            (_("View"), _("Progress of the Work Plan")),
            (_("Period"), of.round.code),
            (_("Compared with"), of.compared.code if of.compared else _("No comparison")),
            (_("Data as of"), month_moment(self.at)),
            (_("States asked to report"), of.response.total),
            (_("Reports accepted"), len(of.response.accepted)),
            *((_("How to read"), note) for note in self.notes),
        ]
        return Sheet(pgettext("sheet", "About"), (_("Item"), _("Value")), rows, (34, 96))

    @property
    def notes(self) -> list[str]:
        return [
            _("An answer is one activity of one State, as the Secretariat rated it in an accepted report."),
            _("Activities without an accepted report of the State count as “no information”."),
            _(
                "Shares are of the answers on the five steps of the scale; “not applicable” and “no information”"
                " stand beside it."
            ),
            _("Changes are in percentage points. States are compared with themselves alone and never ranked."),
            _("The catalogue of activities is provisional."),
        ]

    def _figures(self) -> Sheet:
        rows = [(stat.label, stat.figure, stat.unit, stat.note) for stat in self.stats]
        return Sheet(
            pgettext("sheet", "Figures"),
            (_("Figure"), _("Value"), _("Of"), pgettext("between two periods", "Change")),
            rows,
            (40, 12, 22, 44),
        )

    def _areas(self) -> Sheet:
        head = [_("Code"), _("Area"), *(str(GROUP_WORDS[group]) for group in COLUMNS)]
        head += [str(GROUP_WORDS["advanced"]), str(GROUP_WORDS["counted"]), _("Change in percentage points")]
        return Sheet(pgettext("sheet", "Areas"), head, [self._area_cells(line) for line in self.lines], (10, 40))

    @staticmethod
    def _area_cells(line: Line) -> list[Any]:
        of = line.row.distribution
        return [line.code, line.name, *(count.figure for count in line.counts), of.advanced, of.counted, line.points]

    def _states(self) -> Sheet:
        """In alphabetical order."""
        rows = [(tile["code"], str(tile["name"]), tile["value"]) for tile in self.tiles]
        rows.sort(key=lambda cells: name_key(cells[1]))
        head = (_("Code"), _("State"), _("Per cent of the report that has arrived"))
        return Sheet(pgettext("sheet", "States"), head, rows, (10, 40, 24))

    def _follow(self) -> Sheet:
        head = (_("State"), _("Report"), _("Entries arrived"), _("Since"), _("Days"), _("Next step"))
        rows = [(row.name, row.status_label, row.arrived, row.since, row.days, row.step) for row in self.waiting]
        return Sheet(pgettext("sheet", "Follow-up"), head, rows, (34, 18, 16, 16, 10, 24))

    def _answer_times(self) -> Sheet:
        head = (_("States"), _("Asked"), _("Answered"), _("Waiting"), _("Overdue"), _("Median time"))
        rows = [(row.title, row.asked, row.answered, row.waiting, row.overdue, row.median) for row in self.corridors]
        return Sheet(pgettext("sheet", "Answer times"), head, rows, (60, 10, 10, 10, 10, 16))


def change_of_points(points: int) -> str:
    return signed(points) if points else "0"


def sign_of(change: int | None) -> str:
    if change is None:
        return ""
    return "up" if change > 0 else "down" if change < 0 else "same"


def points_words(points: int | None, compared: Round | None) -> str:
    """A change of a share in words."""
    if points is None or compared is None:
        return ""
    words = {"count": abs(points), "code": compared.code}
    if points > 0:
        text = ngettext("%(count)s point more than in %(code)s", "%(count)s points more than in %(code)s", points)
        return text % words
    if points < 0:
        text = ngettext("%(count)s point less than in %(code)s", "%(count)s points less than in %(code)s", -points)
        return text % words
    return _("The same share as in %(code)s") % words


# --- lists of answers -----------------------------------------------------


@dataclass(frozen=True)
class AnswerRow:
    state: str
    state_url: str
    code: str
    title: str
    status: str
    label: str
    own: str  # where the State rated itself otherwise
    before: str


def answer_choices(of: Overview, names: Mapping[str, str], language: str) -> dict[str, list[tuple[str, str]]]:
    """What a list of answers can be narrowed to; States by name."""
    activities = addressed_to_states(of.live)
    return {
        "areas": [(area["code"], title_of(area["title"], language)) for area in of.live["areas"]],
        "states": sorted(names.items(), key=lambda pair: name_key(pair[1])),
        "activities": [(a["code"], a["number"]) for a in activities],
    }


def answer_rows(pairs: Iterable[Any], of: Overview, names: Mapping[str, str], language: str) -> list[AnswerRow]:
    titles = {a["code"]: (a["number"], title_of(a["title"], language)) for a in of.live["activities"]}
    return [_answer_row(pair, titles, names) for pair in pairs]


def _answer_row(pair: Any, titles: Mapping[str, tuple[str, str]], names: Mapping[str, str]) -> AnswerRow:
    now, before = pair.now, pair.before
    return AnswerRow(
        state=names[now.reporter],
        state_url=reverse("state_detail", args=[now.reporter.lower()]),
        code=titles[now.activity][0],
        title=titles[now.activity][1],
        status=now.rating,
        label=_status(now.rating),
        own=_status(now.own) if now.own != now.rating else "",
        before=_status(before.rating) if before else "",
    )


def _status(code: str) -> str:
    return str(ImplementationStatus(code).label)
