"""The demonstration's own evaluation, in four languages: every number of its workbooks and of the tables and sentences
of its PDFs, counted again by plain SQL."""

import io
import re
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.utils.translation import override

from core.canonical import content_hash
from core.i18n import LANGUAGES
from core.templatetags.portal import percent, thousands
from core.testing import record_proof
from evaluations.delivery import pdf, xlsx
from evaluations.delivery.content import Content
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.figures import summarize
from evaluations.queries.snapshot import build_snapshot
from networks.enums import Level, Topic
from tests.evaluations.test_documents import CUTOFF, text_of
from tests.evaluations.test_recount import ANSWERS, counted, sql
from workplan.enums import ActionKind, Obstacle

pytestmark = [pytest.mark.full, pytest.mark.django_db, pytest.mark.timeout(900)]

NOW, BEFORE, LAST = "2013-1", "2012-2", "2013-06-30"
HELD = f"(valid_from IS NULL OR valid_from <= '{LAST}') AND (valid_to IS NULL OR valid_to >= '{LAST}')"
REPORTS = f"workplan_report report JOIN workplan_round round ON round.id = report.round_id AND round.code = '{NOW}'"
ENTRIES = f"""FROM workplan_reportversion version
    JOIN workplan_report report ON report.accepted_version_id = version.id AND report.state_id IS NOT NULL
    JOIN workplan_round round ON round.id = report.round_id AND round.code = '{NOW}',
    jsonb_array_elements(version.content -> 'entries') AS entry
    WHERE left(entry ->> 'activity', 3) = '{{area}}'"""
# The last act of each State on each treaty until the end of the period.
LAST_ACTS = f"""SELECT DISTINCT ON (act.state_id, act.instrument_id) act.act, treaty.code
    FROM networks_instrumentact act JOIN networks_legalinstrument treaty ON treaty.id = act.instrument_id
    WHERE act.removed_at IS NULL AND act.done_on <= '{LAST}'
    ORDER BY act.state_id, act.instrument_id, act.done_on DESC"""
PLANS = f"""SELECT state_id, bool_or({HELD}) AS held, bool_or(valid_to < '{LAST}') AS ended
    FROM networks_nationalplan WHERE removed_at IS NULL GROUP BY 1"""
PAIRS = f"""{ANSWERS} SELECT {{what}} FROM answer now JOIN answer past USING (state, activity)
    WHERE now.round = '{NOW}' AND past.round = '{BEFORE}' AND now.step IS NOT NULL AND past.step IS NOT NULL"""


def one(statement: str) -> Any:
    return sql(statement)[0][0]


def answers(what: str, where: str = "true") -> int:
    return int(one(f"{ANSWERS} SELECT {what} FROM answer WHERE round = '{NOW}' AND {where}"))


def area_of(arguments: dict[str, str]) -> str:
    """The condition of a sentence that is of one area, activity or theme."""
    if "theme" in arguments:
        return f"'{arguments['theme']}' = ANY(themes)"
    return " AND ".join([f"{key} = '{arguments[key]}'" for key in ("area", "activity") if key in arguments] or ["true"])


def moved(sign: str, arguments: dict[str, str]) -> tuple[int, int]:
    where = f" AND now.area = '{arguments['area']}'" if "area" in arguments else ""
    part = one(PAIRS.format(what=f"count(*) FILTER (WHERE now.step {sign} past.step)") + where)
    return part, one(PAIRS.format(what="count(*)") + where)


def by_activity(having: str, where: str) -> int:
    grouped = f"SELECT activity FROM answer WHERE round = '{NOW}' AND {where} GROUP BY 1 HAVING {having}"
    return int(one(f"{ANSWERS} SELECT count(*) FROM ({grouped}) AS found"))


def plans(arguments: dict[str, str]) -> tuple[int, int]:
    where = {"in_force": "held", "expired": "NOT held AND ended", "none": "false"}[arguments["standing"]]
    found = one(f"SELECT count(*) FROM ({PLANS}) AS plan WHERE {where}")
    with_any = one(f"SELECT count(*) FROM ({PLANS}) AS plan")
    return (34 - with_any if arguments["standing"] == "none" else found), 34


def assistance(topic: str, what: str) -> int:
    if what == "matched":
        day = f"match.decided_at < '{LAST}'::date + 1 AND match.status IN ('agreed', 'done')"
        joined = "networks_assistancematch match JOIN networks_assistanceitem item ON item.id = match.need_id"
        return int(one(f"SELECT count(*) FROM {joined} WHERE {day} AND item.topic = '{topic}'"))
    side = what.removesuffix("_count")
    still = f"at < '{LAST} 06:00+00'::timestamptz + interval '1 day' AND (closed_on IS NULL OR closed_on > '{LAST}')"
    open_then = f"SELECT count(*) FROM networks_assistanceitem WHERE {still} AND side = '{side}' AND topic = '{topic}'"
    return int(one(open_then))


def networks(level: str) -> list[tuple[Any, ...]]:
    confirmed = f"is_listed AND confidence IN ('confirmed', 'verified') AND {HELD} AND level = '{level}'"
    seats = f"(SELECT count(*) FROM networks_seat seat WHERE seat.network_id = network.id AND {HELD})"
    return sql(f"SELECT slug, {seats} FROM networks_network network WHERE {confirmed} ORDER BY slug")


def authorities() -> int:
    facts = f"kind = 'authority' AND confidence IN ('confirmed', 'verified') AND {HELD}"
    asked = f"SELECT report.state_id FROM {REPORTS}"
    return int(
        one(f"SELECT count(DISTINCT state_id) FROM accounts_institution WHERE {facts} AND state_id IN ({asked})")
    )


def mandates() -> tuple[int, int]:
    rated = f"""SELECT count(*) FILTER (WHERE rating.status IN ('substantial', 'full')),
        count(*) FILTER (WHERE rating.status NOT IN ('not_applicable', 'no_information'))
        FROM workplan_rating rating JOIN workplan_report report ON report.accepted_version_id = rating.version_id
        JOIN workplan_round round ON round.id = report.round_id
        WHERE report.state_id IS NULL AND round.code = '{NOW}'"""
    advanced, scale = sql(rated)[0]
    return advanced, scale


def obstacles(area: str) -> dict[str, int]:
    each = "SELECT jsonb_array_elements_text(entry -> 'obstacle_kinds') AS kind " + ENTRIES.format(area=area)
    return dict(sql(f"SELECT kind, count(*) FROM ({each}) AS k GROUP BY 1"))


def actions(area: str) -> dict[str, int]:
    each = "SELECT jsonb_array_elements(entry -> 'actions') ->> 'kind' AS kind " + ENTRIES.format(area=area)
    return dict(sql(f"SELECT kind, count(*) FROM ({each}) AS k GROUP BY 1"))


def least_known(where: str) -> int:
    unknown = "count(*) FILTER (WHERE status = 'no_information')"
    each = f"SELECT {unknown} AS n FROM answer WHERE round = '{NOW}' AND {where} GROUP BY activity"
    return int(one(f"{ANSWERS} SELECT max(n) FROM ({each}) AS found"))


def accepted() -> int:
    return int(one(f"SELECT count(*) FROM {REPORTS} WHERE state_id IS NOT NULL AND accepted_version_id IS NOT NULL"))


def bound(treaty: str) -> int:
    acts = f"SELECT count(*) FROM ({LAST_ACTS}) AS last WHERE code = '{treaty}'"
    return int(one(f"{acts} AND act IN ('ratified', 'acceded')"))


def share(where: str) -> tuple[int, int]:
    return answers("count(*) FILTER (WHERE step >= 4)", where), answers("count(step)", where)


MOST = "2 * count(*) FILTER (WHERE step >= 4) > count(step) AND count(step) > 0"
NONE = "count(*) FILTER (WHERE step >= 4) = 0"
UNKNOWN = "count(*) FILTER (WHERE status = 'no_information')"
Figures = tuple[int, int | None]
SENTENCES = 21  # number of the sheet that tells each sentence with its figures
# By the name that the document prints for the query of a sentence: its figures, of its arguments and their condition.
TOLD: dict[str, Callable[[dict[str, str], str], Figures]] = {
    "reported": lambda given, where: (accepted(), 34),
    "advanced": lambda given, where: share(where),
    "ratings": lambda given, where: share(where),
    "without_information": lambda given, where: (answers(UNKNOWN, where), answers("count(*)", where)),
    "moved_forward": lambda given, where: moved(">", given),
    "moved_back": lambda given, where: moved("<", given),
    "majority": lambda given, where: (by_activity(MOST, where), by_activity("true", where)),
    "nowhere": lambda given, where: (by_activity(NONE, where), by_activity("true", where)),
    "least_known": lambda given, where: (least_known(where), 34),
    "actions": lambda given, where: (sum(actions(given["area"]).values()), None),
    "obstacles": lambda given, where: (max(obstacles(given["area"]).values()), None),
    "mandates": lambda given, where: mandates(),
    "authorities": lambda given, where: (authorities(), 34),
    "plans": lambda given, where: plans(given),
    "plans_ahead": lambda given, where: (
        one(f"SELECT count(*) FROM ({PLANS}) AS plan WHERE NOT held AND NOT ended"), None
    ),
    "bound": lambda given, where: (bound(given["treaty"]), None),
    "networks": lambda given, where: (len(networks(given["level"])), None),
    "agreements": lambda given, where: (one(f"SELECT count(*) FROM networks_agreement WHERE {HELD}"), None),
    "assistance": lambda given, where: (sum(assistance(topic, given["of"]) for topic in Topic.values), None),
}  # fmt: skip


def told(query: str) -> Figures:
    """The figures of a sentence, counted anew."""
    name, inside = query.removesuffix(")").split("(")
    given = dict(pair.split("=") for pair in inside.split(", ") if pair)
    return TOLD[name](given, area_of(given))


@pytest.fixture
def made(settings: Any) -> SimpleNamespace:
    settings.OAS_DEMO = True
    for command in ("seed_demo", "seed_networks", "seed_indicators"):
        call_command(command, verbosity=0)
    evaluation = Evaluation.objects.with_page_data().get()
    data = build_snapshot(evaluation)
    snapshot = Snapshot(evaluation=evaluation, content=data, content_hash=content_hash(data), cutoff_at=CUTOFF)
    return SimpleNamespace(evaluation=evaluation, snapshot=snapshot, summary=summarize(data))


def content(made: SimpleNamespace, language: str) -> Content:
    return Content(made.evaluation, made.snapshot, made.summary, language)


def numbers(body: bytes) -> dict[tuple[int, str], int]:
    """Every numeric cell of the workbook, by number of the sheet and coordinate."""
    book = openpyxl.load_workbook(io.BytesIO(body))
    return {
        (sheet, cell.coordinate): cell.value
        for sheet, page in enumerate(book.worksheets)
        for row in page.iter_rows(min_row=2)
        for cell in row
        if isinstance(cell.value, int)
    }


def pages_of(body: bytes) -> list[list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(body))
    return [list(page.iter_rows(min_row=2, values_only=True)) for page in book.worksheets]


def expected_numbers(body: bytes, language: str) -> dict[tuple[int, str], int]:
    """What plain SQL counts for each cell; words of a row tell which kind, topic or query it is of."""
    pages = pages_of(body)
    about = [row for row, (_item, value) in enumerate(pages[0], start=2) if isinstance(value, int)]
    found: dict[tuple[int, str], int | None] = {
        (0, f"B{row}"): value
        for row, value in zip(about, (34, 0, accepted()), strict=True)  # asked, left out, accepted
    }
    for sheet, lines in ((1, [*COUNTED["areas"], *COUNTED["all"]]), (2, COUNTED["activities"]), (3, COUNTED["themes"])):
        found |= cells(sheet, "CDEFGHIJKLMNOPQRS", [line[1:] for line in lines])
    found |= cells(7, "D", [[count] for count in kinds(pages[7], language)])
    sides = ("need_count", "offer_count", "matched")
    found |= cells(9, "BDF", [[assistance(topic, side) for side in sides] for topic in Topic.values])
    between_states = (Level.REGIONAL, Level.CONTINENTAL)
    found |= cells(11, "C", [[seats] for _slug, seats in sorted(row for of in between_states for row in networks(of))])
    found |= cells(SENTENCES, "DE", [told(row[2]) for row in pages[SENTENCES]])
    return {cell: value for cell, value in found.items() if value is not None}


def cells(sheet: int, columns: str, rows: Sequence[Sequence[int | None]]) -> dict[tuple[int, str], int | None]:
    return {
        (sheet, f"{column}{number}"): value
        for number, row in enumerate(rows, start=2)
        for column, value in zip(columns, row, strict=True)
    }


COUNTED: dict[str, list[list[Any]]] = {}


def kinds(rows: list[tuple[Any, ...]], language: str) -> list[int]:
    """The figures of the sheet of actions and obstacles, by the words of its rows."""
    found, areas = [], [code for code, *_figures in COUNTED["areas"]]
    with override(language):
        named = {str(kind.label): kind.value for kind in (*ActionKind, *Obstacle)}
    titles = list(dict.fromkeys(row[0] for row in rows))
    whats = list(dict.fromkeys(row[1] for row in rows))
    by_area = [(actions(area), obstacles(area)) for area in areas]
    for area, what, label, _figure in rows:
        found.append(by_area[titles.index(area)][whats.index(what)].get(named[label], 0))
    return found


OWN = f"""{ANSWERS} SELECT {{key}},
    count(*) FILTER (WHERE own = 'not_started'), count(*) FILTER (WHERE own = 'planned'),
    count(*) FILTER (WHERE own = 'partial'), count(*) FILTER (WHERE own = 'substantial'),
    count(*) FILTER (WHERE own = 'full'),
    count(*) FILTER (WHERE own IN ('not_started', 'planned', 'partial', 'substantial', 'full'))
    FROM answer WHERE round = '{NOW}' GROUP BY 1 ORDER BY min(position)"""


def printed(*figures: Any) -> str:
    """As a row of a table has them, every blank as one."""
    return re.sub(r"\s", " ", " ".join(figure if isinstance(figure, str) else thousands(figure) for figure in figures))


def change(row: list[Any]) -> tuple[str, ...]:
    n, advanced, share, n_before, before, share_before, points, *moves = row
    sign = "—" if points is None else "=" if points == 0 else f"{'+' if points > 0 else '−'}{abs(points)}"
    shares = (percent(share_before), f"{before}/{n_before}", percent(share), f"{advanced}/{n}")
    return (*shares, sign, *(thousands(move) for move in moves))


def wanted_rows(shown: Content) -> list[tuple[str, str]]:
    """Of each row of the tables by area, activity and theme: its words, and the figures that plain SQL counts."""
    lines = {
        "areas": shown.overview,
        "all": [shown.overall],
        "activities": [line for area in shown.areas for line in area.lines],
        "themes": shown.themes,
    }
    found = []
    for group, of_group in lines.items():
        for line, (code, *row) in zip(of_group, COUNTED[group], strict=True):
            words = code if group == "activities" else line.title
            found.append((words, printed(*row[:5], row[7], row[5], row[6])))
            found.append((words, printed(*change(row[7:]))))
    areas = [*sql(OWN.format(key="area")), *sql(OWN.format(key="''"))]
    titles = [line.title for line in (*shown.overview, shown.overall)]
    found += [(title, printed(*counts)) for title, (_area, *counts) in zip(titles, areas, strict=True)]
    for area in shown.areas:
        found += kind_rows(area.actions, actions(area.code), ActionKind)
        found += kind_rows(area.obstacles, obstacles(area.code), Obstacle)
    return found


def kind_rows(shown: list[tuple[str, int]], counts: dict[str, int], kind: Any) -> list[tuple[str, str]]:
    named = {str(kind(code).label): count for code, count in counts.items()}
    return [(label, printed(named[label])) for label, count in shown if count]


def missing_from(text: str, rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Rows that are not printed so: the words, nothing with a digit between, the figures, no further figure."""

    return [
        (words, figures)
        for words, figures in rows
        if not re.search(rf"{re.escape(words)}[^0-9]*? {re.escape(figures)}(?![\d/])", text)
    ]


def sentences_of(body: bytes) -> list[tuple[str, list[int]]]:
    """Text and figures, as the workbook has them."""
    rows = pages_of(body)[SENTENCES]
    return [(re.sub(r"\s+", " ", str(row[1])), [figure for figure in row[3:5] if figure is not None]) for row in rows]


def test_every_number_of_the_demonstration(made: SimpleNamespace) -> None:
    COUNTED.update({group: counted(group, NOW) for group in ("areas", "all", "activities", "themes")})
    compared, different = 0, list[Any]()
    for language in LANGUAGES:
        with override(language):
            document = content(made, language)
            body, text, rows = xlsx.write(document), text_of(pdf.write(document)), wanted_rows(document)
        shown, wanted = numbers(body), expected_numbers(body, language)
        different += [(language, cell, shown.get(cell), wanted.get(cell)) for cell in shown.keys() | wanted.keys()
                      if shown.get(cell) != wanted.get(cell)]  # fmt: skip
        different += [(language, *row) for row in missing_from(text, rows)]
        told_in_words = sentences_of(body)
        assert sum(len(figures) for _sentence, figures in told_in_words) >= 50
        different += [(language, sentence) for sentence, _figures in told_in_words if sentence not in text]
        compared += len(shown) + sum(len(re.findall(r"\d[\d ]*", figures)) for _words, figures in rows)
        compared += sum(len(figures) for _sentence, figures in told_in_words)
    record_proof("recount", figures=compared, different=len(different), data="demonstration", languages=len(LANGUAGES))
    assert different == []
    assert compared >= 500
    # The instrument itself: a row with one figure that is one too high is missing.
    _words, figures = rows[0]
    assert missing_from(text.replace(figures, figures[:-1] + str((int(figures[-1]) + 1) % 10)), rows[:1]) == [rows[0]]
