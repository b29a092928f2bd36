"""What the panels of the dashboard are made of, and the words they share."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.i18n import LANGUAGES
from core.templatetags.charts import BarPart
from evaluations.delivery.content import signed
from evaluations.queries.figures import Distribution, Json, Row
from oas_trafficking.queries.dashboard import UNDER_WAY
from workplan.models import Report, Round

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
FILLS = {"full": "#0b4f80", "under_way": "#74add6", "not_started": "#ffffff", "no_information": "#ffffff"}


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
    def bar(self) -> list[BarPart]:
        return bar(self.row.distribution)

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


def bar(of: Distribution) -> list[BarPart]:
    counts = group_counts(of)
    return [BarPart(name, GROUP_WORDS[name], counts[name], fill) for name, fill in FILLS.items()]


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
