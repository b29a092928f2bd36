"""One document as XLSX: typed cells, frozen heads, no formula, and the same bytes from the same data."""

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.i18n import NATIVE_NAMES
from evaluations.delivery.content import FILLS, Content, Line, Matrix, OwnWords, ResponseWords
from evaluations.queries.figures import Counted
from evaluations.validators import xml_text

NAVY, PALE = "#0B3C5D", "#F3F6F9"
# Text that begins with = + - or @ stays text, and an address stays an address.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
Cell = str | int | dt.date | None


@dataclass(frozen=True)
class Sheet:
    """A table on a sheet of its own: head, rows, widths in characters."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]] = ()
    widths: Sequence[int] = ()
    chart: tuple[int, int] | None = None  # first and last column of a stacked bar, one bar a row
    chart_title: str = ""


def write(content: Content) -> bytes:
    return workbook(
        sheets(content),
        title=content.title,
        subject=content.subtitle,
        keywords=f"{content.evaluation.series}, {content.evaluation.symbol}",
        created=content.cutoff,
    )


def workbook(
    pages: Iterable[Sheet], *, title: str, created: dt.datetime, subject: str = "", keywords: str = ""
) -> bytes:
    """Sheets as one file. `created` is when the data were read: XlsxWriter would write the time of this run."""
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, OPTIONS)
    book.set_properties(
        {
            "title": title,
            "subject": subject,
            "author": _("General Secretariat of the Organization of American States"),
            "keywords": keywords,
            "created": created.replace(tzinfo=None, microsecond=0),
        }
    )
    formats = _formats(book)
    for sheet in pages:
        _write_sheet(book, formats, sheet)
    book.close()
    return output.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    base = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
    return {
        "head": book.add_format({**base, "bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "text_wrap": True}),
        "text": book.add_format({**base, "text_wrap": True}),
        "number": book.add_format({**base, "num_format": "# ##0"}),
        "date": book.add_format({**base, "num_format": "d mmm yyyy", "align": "left"}),
    }


def _write_sheet(book: Any, formats: dict[str, Any], sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name[:31])
    for column, word in enumerate(sheet.head):
        page.write_string(0, column, word, formats["head"])
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write_cell(page, number, column, value, formats)
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    if sheet.chart and sheet.rows:
        page.insert_chart(len(sheet.rows) + 2, 1, _chart(book, sheet), {"description": sheet.chart_title})
    page.freeze_panes(1, 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _chart(book: Any, sheet: Sheet) -> Any:
    """The program's own chart over the cells of the sheet: the steps of the scale as one bar a row."""
    assert sheet.chart is not None  # noqa: S101 - for the type checker
    first, last = sheet.chart
    chart = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    name, rows = sheet.name[:31], len(sheet.rows)
    for column, fill in zip(range(first, last + 1), FILLS.values(), strict=True):
        series = {
            "name": [name, 0, column],
            "categories": [name, 1, 1, rows, 1],
            "values": [name, 1, column, rows, column],
        }
        look = {"fill": {"color": fill}, "border": {"color": NAVY, "width": 0.75}, "gap": 60}
        chart.add_series({**series, **look})
    chart.set_title({"name": sheet.chart_title, "name_font": {"size": 11}})
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 900, "height": 120 + 34 * rows})
    return chart


def _write_cell(page: Any, row: int, column: int, value: Cell, formats: dict[str, Any]) -> None:
    if value is None:
        page.write_blank(row, column, None, formats["text"])
    elif isinstance(value, int):
        page.write_number(row, column, value, formats["number"])
    elif isinstance(value, dt.date):
        page.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), formats["date"])  # noqa: DTZ001
    else:
        page.write_string(row, column, xml_text(value), formats["text"])


# --- sheets ---------------------------------------------------------------


def sheets(content: Content) -> list[Sheet]:
    activities = [line for area in content.areas for line in area.lines]
    return [
        _about(content),
        _lines(content, pgettext("sheet", "Areas"), _("Area"), [*content.overview, content.overall]),
        _lines(content, pgettext("sheet", "Activities"), _("Activity"), activities),
        _lines(content, pgettext("sheet", "Themes"), _("Theme"), content.themes),
        _secretariat(content),
        _states(content),
        _matrix(content.matrices),
        _kinds(content),
        _statistics(content),
        _assistance(content),
        _authorities(content),
        _networks(content),
        _agreements(content),
        _contributions(content),
        _conclusions(content),
        _elements(content),
        _left_out(content),
        _plans(content),
        _treaties(content),
        _practice(content),
        _quotes(content),
        _sentences(content),
        _comments(content),
        _periods(content),
    ]


def _about(content: Content) -> Sheet:
    response = content.summary.response
    rows: list[Sequence[Cell]] = [
        (_("Document"), content.title),
        (_("Purpose"), content.subtitle),
        (_("Series"), content.evaluation.series),
        (_("Symbol"), content.evaluation.symbol),
        (_("Original"), content.original),
        (_("Language of this file"), NATIVE_NAMES[content.language]),
        (_("Presented by"), _("General Secretariat of the Organization of American States")),
        (_("Work Plan"), f"{content.plan_title}, {content.data['plan']['resolution']}"),
        (_("Version of the plan"), _("Catalogue %(number)s") % {"number": content.data["catalogue"]["number"]}),
        (_("Fingerprint of the catalogue (SHA-256)"), content.data["catalogue"]["sha256"]),
        (_("Meeting"), content.meeting["title"] if content.meeting else "—"),
        (_("Reporting period"), content.round["code"]),
        (_("From"), content.round["start"]),
        (_("To"), content.round["end"]),
        (_("Compared with"), content.compared["code"] if content.compared else "—"),
        (_("Further periods"), content.further_codes or "—"),
        (_("Data as of"), content.cutoff.date()),
        (_("Participating States"), response.asked),
        (_("States left out"), len(response.left_out)),
        (_("Reports accepted"), len(response.accepted)),
        (_("States covered"), ", ".join(content.covered)),
        (_("Fingerprint of the data (SHA-256)"), content.content_hash),
    ]
    rows += [(_("Catalogue"), note) for note in _catalogue_note(content)]
    rows += [(_("How to read"), note) for note in _notes()]
    rows += [(status.short, status.label) for status in content.statuses]
    return Sheet(pgettext("sheet", "About"), (_("Item"), _("Value")), rows, (34, 96))


def _catalogue_note(content: Content) -> list[str]:
    if not content.is_provisional:
        return []
    note = _("Provisional catalogue of activities, to be replaced by the annex of %(resolution)s.")
    return [note % {"resolution": content.data["plan"]["resolution"]}]


def _notes() -> list[str]:
    return [
        _(
            "An answer is one activity of one reporter. Distributions count answers; they are never averages, and"
            " States are not ranked."
        ),
        _(
            "n is the number of answers on the five steps of the scale and the denominator of every percentage. “Not"
            " applicable” and “no information” stand beside it."
        ),
        _("Activities without an accepted report of the State count as “no information”."),
        _(
            "Percentages are rounded to whole numbers, halves up. Changes in percentage points are computed before"
            " rounding."
        ),
    ]


def _lines(content: Content, name: str, first: str, lines: Iterable[Line]) -> Sheet:
    labels = [status.label for status in content.statuses]
    head = [
        _("Code"),
        first,
        *labels,
        "n",
        _("Mostly or fully implemented"),
        _("Per cent of n"),
        *_change_head(content),
    ]
    rows = [[line.number, line.title, *_figures(line), *_change(content, line)] for line in lines]
    title = _("Reviewed ratings, answers on the scale")
    return Sheet(name, head, rows, (10, 60, *[13] * (len(head) - 2)), chart=(2, 6), chart_title=title)


def _figures(line: Line) -> list[Cell]:
    of = line.row.distribution
    return [*of.counts.values(), of.counted, of.advanced, of.share]


def _change_head(content: Content) -> list[str]:
    if content.compared is None:
        return []
    code = {"code": content.compared["code"]}
    return [
        _("n in %(code)s") % code,
        _("Mostly or fully implemented in %(code)s") % code,
        _("Per cent of n in %(code)s") % code,
        _("Change in percentage points"),
        _("Moved forward"),
        _("Stayed"),
        _("Moved back"),
    ]


def _change(content: Content, line: Line) -> list[Cell]:
    change = line.row.change
    if content.compared is None or change is None:
        return []
    before, moves = change.before, change.moves
    return [before.counted, before.advanced, before.share, change.points, moves.forward, moves.same, moves.back]


def _periods(content: Content) -> Sheet:
    """A row for each area, activity and theme in each period, where further periods are looked at."""
    days = {round_["code"]: (round_["start"], round_["end"]) for round_ in content.all_rounds}
    lines = [*content.overview, *(line for area in content.areas for line in area.lines), *content.themes]
    rows: list[Sequence[Cell]] = [
        (period.code, *days[period.code], line.number or None, line.title, *_counted(period.rows[line.row.code]))
        for period in content.summary.periods
        for line in (content.overall, *lines)
    ]
    head = [_("Period"), _("From"), _("To"), _("Code"), _("Area, activity or theme")]
    head += [_("States with an answer on the scale"), "n", _("Mostly or fully implemented"), _("Per cent of n")]
    return Sheet(pgettext("sheet", "By period"), head, rows, (12, 14, 14, 10, 60, 16, 10, 16, 12))


def _counted(row: Counted) -> list[Cell]:
    return [row.states, row.distribution.counted, row.distribution.advanced, row.distribution.share]


def _secretariat(content: Content) -> Sheet:
    head = [_("Code"), _("Activity"), _("Responsible"), _("Self-rating"), _("Reviewed rating")]
    if content.compared:
        head.append(content.compared["code"])
    rows: list[Sequence[Cell]] = []
    for line in content.mandates:
        joint = _("Member States and General Secretariat") if line.joint else _("General Secretariat")
        row: list[Cell] = [line.number, line.title, joint, line.own.label, line.rating.label]
        rows.append([*row, line.before.label if line.before else "—"] if content.compared else row)
    return Sheet(pgettext("sheet", "General Secretariat"), head, rows, (10, 60, 30, 22, 22, 22))


def _states(content: Content) -> Sheet:
    """Who reported in each period; States in alphabetical order, never in another."""
    columns = [(content.round["code"], _standings(content.response))]
    if content.compared and content.response_before:
        columns.append((content.compared["code"], _standings(content.response_before)))
    names = content.named(content.names)
    rows = [[name, *[standing.get(name, "—") for _code, standing in columns]] for name in names]
    return Sheet(pgettext("sheet", "States"), [_("State"), *[code for code, _standing in columns]], rows, (34, 26, 26))


def _standings(of: ResponseWords) -> dict[str, str]:
    return {
        **dict.fromkeys(of.accepted, _("Report accepted")),
        **dict.fromkeys(of.submitted, _("Submitted, not accepted")),
        **dict.fromkeys(of.not_reported, _("No report")),
        **dict.fromkeys(of.left_out, _("Left out of this evaluation")),
    }


def _matrix(matrices: Sequence[Matrix]) -> Sheet:
    """One row a State, one column an activity, the status in words."""
    numbers = [number for matrix in matrices for number, _title in matrix.columns]
    rows: list[Sequence[Cell]] = []
    for lines in zip(*[matrix.rows for matrix in matrices], strict=True):
        rows.append([lines[0].state, *[cell.label for line in lines for cell in line.cells]])
    return Sheet(pgettext("sheet", "Matrix"), [_("State"), *numbers], rows, (34, *[16] * len(numbers)))


def _kinds(content: Content) -> Sheet:
    """Actions by kind and obstacles by the answers that name them, area by area."""
    rows: list[Sequence[Cell]] = []
    for area in content.areas:
        rows += [(area.title, _("Actions"), label, count) for label, count in area.actions]
        rows += [(area.title, _("Obstacles"), label, count) for label, count in area.obstacles]
    head = [_("Area"), _("What is counted"), _("Kind"), _("Number")]
    return Sheet(pgettext("sheet", "Actions and obstacles"), head, rows, (34, 20, 40, 12))


def _statistics(content: Content) -> Sheet:
    """A row for each cell, as the release tells it; a cell without a figure says why."""
    found = content.statistics
    rows: list[Sequence[Cell]] = [
        (table.title, cell.row, cell.column, ", ".join(map(str, table.years)), cell.value, cell.status, release)
        for table in (found.tables if found else [])
        for release in [", ".join(map(str, table.releases))]
        for cell in table.cells
    ]
    head = [_("Table"), _("Row"), _("Column"), _("Years"), _("Figure"), _("What the cell says"), _("Release")]
    return Sheet(pgettext("sheet", "Statistics"), head, rows, (44, 26, 26, 18, 10, 34, 10))


def _assistance(content: Content) -> Sheet:
    rows: list[Sequence[Cell]] = [
        (
            topic["label"],
            *(topic["need_count"], ", ".join(topic["needs"])),
            *(topic["offer_count"], ", ".join(topic["offers"])),
            topic["matched"],
        )
        for topic in content.assistance
    ]
    head = [_("Topic"), _("Needs"), _("States that need it"), _("Offers"), _("Offered by"), _("Brought together")]
    return Sheet(pgettext("sheet", "Technical assistance"), head, rows, (34, 10, 50, 10, 50, 12))


def _authorities(content: Content) -> Sheet:
    rows: list[Sequence[Cell]] = [
        (row["state"], body["name"], body["legal_basis"] or "—")
        for row in content.authorities
        for body in row["bodies"]
    ]
    head = [_("State"), _("Authority, in its own language"), _("Legal basis")]
    return Sheet(pgettext("sheet", "Authorities"), head, rows, (34, 70, 60))


def _networks(content: Content) -> Sheet:
    rows: list[Sequence[Cell]] = [(row["name"], row["level"], row["seats"]) for row in content.networks]
    head = [_("Network"), _("Level"), _("Members")]
    return Sheet(pgettext("sheet", "Networks"), head, rows, (60, 24, 12))


def _agreements(content: Content) -> Sheet:
    rows: list[Sequence[Cell]] = [
        (row["title"], NATIVE_NAMES[row["language"]], ", ".join(row["parties"])) for row in content.agreements
    ]
    head = [_("Agreement, in its own language"), _("Language"), _("Parties")]
    return Sheet(pgettext("sheet", "Agreements"), head, rows, (80, 14, 60))


OWN_WIDTHS = (14, 80, 34, 80)


def _own_words_head(text: str) -> list[str]:
    return [_("Language"), text, _("Status of the translation"), _("Translation")]


def _own_words(words: OwnWords | None) -> list[Cell]:
    """A text of somebody on every sheet alike: its language, itself, how its translation stands, and that."""
    if words is None or not words.text:
        return [None] * 4
    return [NATIVE_NAMES[words.language], words.text, words.in_short, words.translation or None]


def _contributions(content: Content) -> Sheet:
    """Each with a line for each reply of a State to it."""
    rows: list[Sequence[Cell]] = []
    for row in content.contributions:
        by, title = row["by"] or _("Name withheld"), row["words"].translated_title or None
        about = [row["reference"], by, ", ".join(row["states"]), row["title"], title]
        rows.append([*about, *_own_words(row["words"]), *[None] * 5])
        for reply in row["replies"]:
            rows.append([row["reference"], *[None] * 8, reply["state"], *_own_words(reply["words"])])
    head = [_("Reference"), _("By"), _("States"), _("Title"), _("Title, translated"), *_own_words_head(_("Text"))]
    head += [_("Reply of"), *_own_words_head(_("Reply"))]
    widths = (16, 30, 30, 40, 40, *OWN_WIDTHS, 30, *OWN_WIDTHS)
    return Sheet(pgettext("sheet", "Contributions"), head, rows, widths)


def _conclusions(content: Content) -> Sheet:
    rows: list[Sequence[Cell]] = [
        (row["number"], row["meaning"], row["status"], *_own_words(row["words"])) for row in content.conclusions
    ]
    head = [pgettext("number of a conclusion", "No."), _("In short, in the words of the portal"), _("How it stands")]
    head += _own_words_head(_("Last follow-up, in its own language"))
    return Sheet(pgettext("sheet", "Conclusions"), head, rows, (8, 90, 20, *OWN_WIDTHS))


def _elements(content: Content) -> Sheet:
    rows: list[Sequence[Cell]] = [
        (row["number"], row["suggestion"], row["merged_with"] or None, *_own_words(row["words"]))
        for row in content.elements
    ]
    head = [_("Activity"), _("Suggestion"), _("Merge with"), *_own_words_head(_("Text"))]
    return Sheet(pgettext("sheet", "Elements"), head, rows, (12, 24, 32, *OWN_WIDTHS))


def _left_out(content: Content) -> Sheet:
    rows: list[Sequence[Cell]] = [(row["name"], *_own_words(row["words"])) for row in content.excluded]
    head = [_("State"), *_own_words_head(_("Reason"))]
    return Sheet(pgettext("sheet", "States left out"), head, rows, (34, *OWN_WIDTHS))


def _plans(content: Content) -> Sheet:
    """National plans with their days; a State without one in the register says so."""
    rows: list[Sequence[Cell]] = []
    for row in content.law_plans if content.holds_law else []:
        rows += [
            (row["state"], p["title"], p["start"], p["end"], p["standing"], p["adopted_by"], p["source"])
            for p in row["plans"]
        ] or [(row["state"], _("No plan registered"), *[None] * 5)]
    head = [_("State"), _("Plan, in its own language"), _("From"), _("Until"), _("On the last day of the period")]
    widths = (34, 70, 14, 14, 18, 40, 50)
    return Sheet(pgettext("sheet", "National plans"), [*head, _("Adopted by"), _("Source")], rows, widths)


def _treaties(content: Content) -> Sheet:
    """Every act until the end of the period; of what is not here nothing is registered."""
    rows: list[Sequence[Cell]] = [
        (row["name"], row["treaty"], row["title"], row["label"], row["on"], row["source"]) for row in content.law_acts
    ]
    head = [_("State"), _("Code"), _("Treaty"), _("What the State did"), _("Day"), _("Source")]
    return Sheet(pgettext("sheet", "Treaties"), head, rows, (34, 12, 70, 16, 14, 50))


def _practice(content: Content) -> Sheet:
    """What States describe, and which contributions do; those stand word for word in a sheet of their own."""
    rows: list[Sequence[Cell]] = []
    for area in content.areas:
        rows += [(quote.state, quote.number, None, *_own_words(quote.words)) for quote in area.practice]
        rows += [(None, ", ".join(row["numbers"]), row["reference"], *[None] * 4) for row in area.contributed]
    head = [_("State"), _("Code"), _("Contribution"), *_own_words_head(_("Good practice, in the State’s own words"))]
    return Sheet(pgettext("sheet", "Good practice"), head, rows, (34, 10, 16, *OWN_WIDTHS))


def _quotes(content: Content) -> Sheet:
    rows: list[Sequence[Cell]] = [
        (quote.state, quote.number, *_own_words(quote.words)) for area in content.areas for quote in area.quotes
    ]
    head = [_("State"), _("Code"), *_own_words_head(_("Results, in the State’s own words"))]
    return Sheet(pgettext("sheet", "In their own words"), head, rows, (34, 10, *OWN_WIDTHS))


def _comments(content: Content) -> Sheet:
    """What States said of their own part, word for word, in the language in which they said it."""
    rows: list[Sequence[Cell]] = [
        (row["state"], row["area"], row["on"], *_own_words(row["words"])) for row in content.comments
    ]
    head = [_("State"), _("Area"), _("Date"), *_own_words_head(_("Comment, in the State’s own words"))]
    return Sheet(pgettext("sheet", "Comments of States"), head, rows, (34, 30, 14, *OWN_WIDTHS))


def _sentences(content: Content) -> Sheet:
    """Each sentence of the document with the query and the figures it was made from."""
    rows: list[Sequence[Cell]] = [
        (told.reference, told.text, str(told.query), told.figures["n"], told.figures.get("total"))
        for told in content.sentences
    ]
    head = [_("Sentence"), _("Text"), _("Query"), "n", _("Of")]
    return Sheet(pgettext("sheet", "Sentences"), head, rows, (10, 90, 60, 10, 10))
