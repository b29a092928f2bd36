"""What the documents say, in the language that is active: the figures of the summary with their names.

PDF and XLSX print the same objects, so no figure is formatted or labelled in two places.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext_lazy

from core.i18n import NATIVE_NAMES
from core.templatetags.portal import thousands
from evaluations.delivery.sentences import Narrator, Sentence
from evaluations.enums import Standing, Suggestion
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.figures import (
    STATUSES,
    Answer,
    Distribution,
    Quote,
    Response,
    Row,
    Summary,
    addressed_to_secretariat,
    answers,
    area_activities,
    reporters,
)
from networks.enums import Level, Topic
from workplan.enums import COUNTED_STATUSES, ActionKind, ImplementationStatus, Obstacle, Theme

Json = Mapping[str, Any]

# Letters, because figures would look like marks. Each language has its own.
SHORT_CODES: dict[str, Promise] = {
    "not_started": pgettext_lazy("short code of a status", "NS"),
    "planned": pgettext_lazy("short code of a status", "PL"),
    "partial": pgettext_lazy("short code of a status", "PA"),
    "substantial": pgettext_lazy("short code of a status", "MO"),
    "full": pgettext_lazy("short code of a status", "FU"),
    "not_applicable": pgettext_lazy("short code of a status", "N/A"),
    "no_information": pgettext_lazy("short code of a status", "–"),
}
# One hue from white to navy: steps of the scale, not good and bad.
FILLS = {
    "not_started": "#ffffff",
    "planned": "#cfe1f0",
    "partial": "#8fbadd",
    "substantial": "#3f7fb1",
    "full": "#0b3c5d",
}
BAR_WIDTH = 1000
# es, en, fr, pt: what must not be confused between them.
TERMS = [
    ["trata de personas", "trafficking in persons", "traite des personnes", "tráfico de pessoas"],
    ["plan de trabajo", "work plan", "plan de travail", "plano de trabalho"],
    ["autoridad nacional", "national authority", "autorité nationale", "autoridade nacional"],
    ["asistencia integral", "comprehensive assistance", "prise en charge intégrale", "assistência integral"],
    ["Hemisferio Occidental", "Western Hemisphere", "Continent américain", "Hemisfério Ocidental"],
    [
        "tráfico ilícito de migrantes",
        "smuggling of migrants",
        "trafic illicite de migrants",
        "contrabando de migrantes",
    ],
]


@dataclass(frozen=True)
class Status:
    code: str
    label: str
    short: str
    fill: str  # empty where the status is not on the scale


@dataclass(frozen=True)
class Segment:
    x: float
    width: float
    fill: str


@dataclass(frozen=True)
class Line:
    """A row of a table in words."""

    number: str
    title: str
    row: Row

    @property
    def counted(self) -> list[int]:
        return [self.row.distribution.counts[status] for status in COUNTED_STATUSES]

    @property
    def own_counted(self) -> list[int]:
        return [self.row.own.counts[status] for status in COUNTED_STATUSES]

    @property
    def not_applicable(self) -> int:
        return self.row.distribution.counts[ImplementationStatus.NOT_APPLICABLE]

    @property
    def no_information(self) -> int:
        return self.row.distribution.counts[ImplementationStatus.NO_INFORMATION]

    @property
    def bar(self) -> list[Segment]:
        return bar(self.row.distribution)

    @property
    def words(self) -> str:
        return distribution_words(self.row.distribution)

    @property
    def points(self) -> str:
        return signed(self.row.change.points if self.row.change else None)


@dataclass(frozen=True)
class QuoteWords:
    """Results in a State's own words, with their language."""

    state: str
    number: str
    text: str
    language: str
    language_name: str
    translation: str  # reviewed, in the language of the document; empty where there is none


@dataclass(frozen=True)
class AreaBlock:
    code: str
    title: str
    total: Line
    lines: list[Line]
    actions: list[tuple[str, int]]
    obstacles: list[tuple[str, int]]
    quotes: list[QuoteWords]
    told: list[Sentence]  # activity by activity


@dataclass(frozen=True)
class Chapter:
    """A numbered chapter: its anchor, its title and the sentences made for it."""

    key: str
    number: int
    title: str
    sentences: list[Sentence]
    area: AreaBlock | None

    @property
    def anchor(self) -> str:
        return f"area-{self.key}" if self.area else self.key

    @property
    def template(self) -> str:
        return f"evaluations/document/{'area' if self.area else self.key}.html"


@dataclass(frozen=True)
class MandateLine:
    """One activity of the General Secretariat: its own rating, the one reviewed, and the period before."""

    number: str
    title: str
    joint: bool
    own: Status
    rating: Status
    before: Status | None


@dataclass(frozen=True)
class MatrixRow:
    state: str
    reported: bool
    cells: list[Status]


@dataclass(frozen=True)
class Matrix:
    title: str
    columns: list[tuple[str, str]]  # number, title
    rows: list[MatrixRow]


@dataclass(frozen=True)
class ResponseWords:
    response: Response
    accepted: list[str]
    submitted: list[str]
    not_reported: list[str]


def name_key(name: str) -> str:
    """Alphabetical order that does not depend on the collations of a server."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()


def signed(points: int | None) -> str:
    """A change in percentage points with its sign; a true minus."""
    if points is None:
        return "—"
    if points == 0:
        return "="
    return f"{'+' if points > 0 else '−'}{abs(points)}"


def bar(of: Distribution) -> list[Segment]:
    """The steps of the scale as parts of one bar; "not applicable" and "no information" are not in it."""
    segments, x = [], 0.0
    for status in COUNTED_STATUSES[::-1]:
        width = BAR_WIDTH * of.counts[status] / of.counted if of.counted else 0
        if width:
            segments.append(Segment(round(x, 2), round(width, 2), FILLS[status]))
        x += width
    return segments


def distribution_words(of: Distribution) -> str:
    """The bar in words, for those who hear it."""
    parts = [f"{status(code).label}: {thousands(of.counts[code])}" for code in COUNTED_STATUSES[::-1]]
    return f"{', '.join(parts)} (n = {thousands(of.counted)})"


def status(code: str) -> Status:
    return Status(code, str(ImplementationStatus(code).label), str(SHORT_CODES[code]), FILLS.get(code, ""))


class Content:
    """Everything one document says. Read it while its language is active."""

    def __init__(self, evaluation: Evaluation, snapshot: Snapshot, summary: Summary, language: str) -> None:
        self.evaluation, self.snapshot, self.summary, self.language = evaluation, snapshot, summary, language
        self.data: Json = snapshot.content

    # --- head -------------------------------------------------------------

    @property
    def title(self) -> str:
        return gettext("Evaluation of the Work Plan against Trafficking in Persons in the Western Hemisphere")

    @property
    def subtitle(self) -> str:
        return gettext("Summary for the Fourth Meeting of National Authorities on Trafficking in Persons")

    @property
    def original(self) -> str:
        return NATIVE_NAMES[self.evaluation.original_language]

    @property
    def cutoff(self) -> datetime:
        return self.snapshot.cutoff_at

    @property
    def content_hash(self) -> str:
        return self.snapshot.content_hash

    @property
    def hash_groups(self) -> list[str]:
        """The hash in groups of eight, as people read it out."""
        return [self.content_hash[i : i + 8] for i in range(0, 64, 8)]

    @property
    def is_provisional(self) -> bool:
        return not self.data["catalogue"]["is_official"]

    @property
    def is_original(self) -> bool:
        return self.language == self.evaluation.original_language

    # --- plan and rounds --------------------------------------------------

    def text(self, four: Mapping[str, str]) -> str:
        return four[get_language() or "en"]

    @property
    def plan(self) -> Json:
        return {**self.data["plan"], **_dates(self.data["plan"], "adopted_on", "starts_on", "original_end")}

    @property
    def plan_title(self) -> str:
        return self.text(self.data["plan"]["title"])

    @property
    def amendments(self) -> list[Json]:
        return [
            {**item, **_dates(item, "decided_on", "new_end"), "text": self.text(item["text"])}
            for item in self.data["plan"]["amendments"]
        ]

    @property
    def rounds(self) -> list[Json]:
        """The round evaluated and, where there is one, the round it is compared with."""
        return [
            {
                **round_,
                **_dates(round_, "due_on", "opened_on", "closed_on"),
                "start": date.fromisoformat(round_["period"][0]),
                "end": date.fromisoformat(round_["period"][1]),
            }
            for round_ in self.data["rounds"]
        ]

    @property
    def round(self) -> Json:
        return self.rounds[0]

    @property
    def compared(self) -> Json | None:
        return self.rounds[1] if len(self.rounds) > 1 else None

    # --- States -----------------------------------------------------------

    @cached_property
    def names(self) -> dict[str, str]:
        return {state["iso2"]: self.text(state["name"]) for state in self.data["states"]}

    def named(self, codes: Iterable[str]) -> list[str]:
        return sorted((self.names[code] for code in codes), key=name_key)

    @property
    def response(self) -> ResponseWords:
        return self._response(self.summary.response)

    @property
    def response_before(self) -> ResponseWords | None:
        return self._response(self.summary.response_before) if self.summary.response_before else None

    def _response(self, of: Response) -> ResponseWords:
        return ResponseWords(of, self.named(of.accepted), self.named(of.submitted), self.named(of.not_reported))

    @property
    def not_participating(self) -> list[str]:
        return sorted((self.text(state["name"]) for state in self.data["not_participating"]), key=name_key)

    @property
    def excluded(self) -> list[Json]:
        """States left out, with the reason in the words of whoever gave it."""
        return [
            {**row, "name": self.text(row["name"]), "translation": self.translated(f"exclusion:{row['iso2']}")}
            for row in self.data["excluded"]
        ]

    # --- tables -----------------------------------------------------------

    @property
    def statuses(self) -> list[Status]:
        return [status(code) for code in STATUSES]

    @property
    def scale(self) -> list[Status]:
        return [status(code) for code in COUNTED_STATUSES]

    @cached_property
    def activities(self) -> dict[str, Json]:
        return {activity["code"]: activity for activity in self.data["activities"]}

    @cached_property
    def areas(self) -> list[AreaBlock]:
        titles = {area["code"]: self.text(area["title"]) for area in self.data["areas"]}
        return [
            AreaBlock(
                row.code,
                titles[row.code],
                Line(row.code, titles[row.code], row),
                [self._activity_line(line) for line in self.summary.activities[row.code]],
                actions=self.kinds(self.summary.actions[row.code], ActionKind),
                obstacles=self.kinds(self.summary.obstacles[row.code], Obstacle),
                quotes=[self._quote(quote) for quote in self.summary.quotes[row.code]],
                told=self.told_at(f"{row.code}-activities"),
            )
            for row in self.summary.areas
        ]

    def _activity_line(self, row: Row) -> Line:
        activity = self.activities[row.code]
        return Line(activity["number"], self.text(activity["title"]), row)

    @property
    def overall(self) -> Line:
        return Line("", gettext("All areas"), self.summary.overall)

    @property
    def overview(self) -> list[Line]:
        return [area.total for area in self.areas]

    @property
    def themes(self) -> list[Line]:
        return [Line(row.code, str(Theme(row.code).label), row) for row in self.summary.themes]

    @property
    def mandates(self) -> list[MandateLine]:
        return [self._mandate(answer) for answer in self.summary.secretariat]

    def _mandate(self, answer: Answer) -> MandateLine:
        activity = self.activities[answer.activity]
        before = self.summary.secretariat_before.get(answer.activity)
        return MandateLine(
            number=activity["number"],
            title=self.text(activity["title"]),
            joint=activity["responsible"] == "joint",
            own=status(answer.own),
            rating=status(answer.rating),
            before=status(before.rating) if before else None,
        )

    @property
    def secretariat_standing(self) -> str:
        return str(Standing(self.summary.secretariat_standing).label)

    @cached_property
    def matrices(self) -> list[Matrix]:
        return [self._matrix(area) for area in self.areas]

    def _matrix(self, area: AreaBlock) -> Matrix:
        current = self.data["rounds"][0]
        codes = [activity["code"] for activity in area_activities(self.data, area.code)]
        rows = []
        for iso2 in sorted(reporters(current), key=lambda code: name_key(self.names[code])):
            cells = [status(answer.rating) for answer in answers(current, codes, [iso2])]
            accepted = current["reports"][iso2]["standing"] == Standing.ACCEPTED
            rows.append(MatrixRow(self.names[iso2], accepted, cells))
        columns = [(self.activities[code]["number"], self.text(self.activities[code]["title"])) for code in codes]
        return Matrix(area.title, columns, rows)

    @property
    def secretariat_count(self) -> int:
        return len(addressed_to_secretariat(self.data))

    # --- sections beside the reports --------------------------------------

    @property
    def sections(self) -> Json:
        found: Json = self.data["sections"]
        return found

    @property
    def authorities(self) -> list[Json]:
        """Of all States, in alphabetical order; a State without an established body has none."""
        found = self.sections["institutions"]
        rows = found["authorities"] if found else []
        known: dict[str, list[Json]] = {}
        for row in rows:
            known.setdefault(row["state"], []).append(row)
        order = sorted(self.names, key=lambda code: name_key(self.names[code]))
        return [{"state": self.names[code], "bodies": known.get(code, [])} for code in order]

    @property
    def networks(self) -> list[Json]:
        found = self.sections["networks"]
        rows = found["networks"] if found else []
        return [
            {"name": self.text(row["name"]), "level": str(Level(row["level"]).label), "seats": row["seats"]}
            for row in rows
        ]

    @property
    def agreements(self) -> list[Json]:
        found = self.sections["agreements"]
        rows = found["agreements"] if found else []
        return [{**row, "parties": self._known(row["parties"])} for row in rows]

    @property
    def assistance(self) -> list[Json]:
        """The matrix of technical assistance: a topic a row; States by name, in alphabetical order."""
        found = self.sections["assistance"]
        topics = found["topics"] if found else []
        return [
            {
                **topic,
                "label": str(Topic(topic["topic"]).label),
                "needs": self._known(topic["needs"]),
                "offers": [*self._known(topic["offers"]), *topic["other_offers"]],
            }
            for topic in topics
        ]

    def _known(self, codes: Iterable[str]) -> list[str]:
        return self.named(code for code in codes if code in self.names)

    @property
    def contributions(self) -> list[Json]:
        found = self.sections["contributions"]
        return [
            {
                **row,
                "language_name": NATIVE_NAMES[row["language"]],
                "translation": row.get("translations", {}).get(self.language),  # older data hold none
                "states": self._known(row["states"]),
                "replies": [{**reply, "state": self.names.get(reply["state"], "")} for reply in row["replies"]],
            }
            for row in (found["contributions"] if found else [])
        ]

    @property
    def statistics(self) -> Json | None:
        found = self.sections["statistics"]
        return {**found, **_dates(found, "published_on")} if found else None

    # --- beside the ratings -----------------------------------------------

    def kinds(self, counts: Mapping[str, int], words: type[TextChoices]) -> list[tuple[str, int]]:
        """Counts with their words, in the order of the code list: an order by number would rank."""
        return [(str(words(code).label), counts[code]) for code in words.values if counts.get(code)]

    def translated(self, key: str) -> str:
        """Data frozen before there was a desk hold no translations."""
        texts: Mapping[str, str] = self.data.get("translations", {}).get(self.language, {})
        return texts.get(key, "")

    def _quote(self, quote: Quote) -> QuoteWords:
        return QuoteWords(
            state=self.names[quote.reporter],
            number=self.activities[quote.activity]["number"],
            text=quote.text,
            language=quote.language,
            language_name=NATIVE_NAMES[quote.language],
            translation=self.translated(f"quote:{quote.reporter}:{quote.activity}"),
        )

    # --- sentences, each from a figure ------------------------------------

    @cached_property
    def sentences(self) -> list[Sentence]:
        return Narrator(self.data, self.summary).tell()

    def told_at(self, place: str) -> list[Sentence]:
        return [sentence for sentence in self.sentences if sentence.place == place]

    @property
    def findings(self) -> list[Sentence]:
        return [*self.told_at("executive"), *self.told_at("secretariat")]

    # --- chapters ---------------------------------------------------------

    @cached_property
    def chapters(self) -> list[Chapter]:
        """Every chapter with its number, in the order of the document."""
        heads = [("executive", gettext("The evaluation in figures")), ("mandate", gettext("Mandate and background"))]
        heads += [("method", gettext("Method")), ("overview", gettext("Overview by area"))]
        areas = [(area.code, area.title) for area in self.areas]
        rest = [
            ("secretariat", gettext("Mandates of the General Secretariat")),
            ("themes", gettext("Themes of the Third Meeting")),
            ("institutions", gettext("Institutions and law")),
            ("statistics", gettext("Statistics")),
            ("contributions", gettext("Contributions of international bodies and civil society")),
            ("assistance", gettext("Technical assistance: needs and offers")),
            ("networks", gettext("Networks and agreements")),
            ("elements", gettext("Conclusions and elements for a second Work Plan")),
        ]
        blocks = {area.code: area for area in self.areas}
        return [
            Chapter(key, number, title, self.told_at(key), blocks.get(key))
            for number, (key, title) in enumerate([*heads, *areas, *rest], start=1)
        ]

    @property
    def annexes(self) -> list[tuple[str, str]]:
        return [
            ("annex", gettext("Annex A. Activities and States")),
            ("annex-comments", gettext("Annex B. Comments of States")),
            ("annex-sources", gettext("Annex C. Sources")),
            ("annex-sentences", gettext("Annex D. Where each sentence comes from")),
            ("annex-terms", gettext("Annex E. Terms in four languages")),
        ]

    @property
    def terms(self) -> list[list[str]]:
        """The same terms in every document; the columns are the four languages."""
        return TERMS

    @property
    def elements(self) -> list[Json]:
        """What the Secretariat suggests per activity; empty until somebody writes it."""
        return [
            {
                **row,
                "number": self.activities[row["key"]]["number"] if row["key"] in self.activities else row["key"],
                "suggestion": str(Suggestion(row["suggestion"]).label),
                "translation": self.translated(f"element:{row['key']}"),
            }
            for row in self.data["elements"]
        ]

    @property
    def comments(self) -> list[Json]:
        """States on their own paragraphs, word for word; empty until they are asked."""
        titles = {area["code"]: self.text(area["title"]) for area in self.data["areas"]}
        return [
            {
                **row,
                **_dates(row, "on"),
                "state": self.names[row["state"]],
                "area": titles.get(row["area"], ""),
                "language_name": NATIVE_NAMES[row["language"]],
            }
            for row in self.data.get("comments", [])  # data frozen before States could comment have none
        ]


def _dates(of: Json, *keys: str) -> dict[str, date | None]:
    return {key: date.fromisoformat(of[key]) if of[key] else None for key in keys}
