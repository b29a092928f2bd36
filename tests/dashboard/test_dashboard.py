"""The dashboard: figures are the evaluation's, every count leads to what it counts, and the cost does not grow."""

import csv
import io
import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from accounts.enums import InstitutionKind, Role
from accounts.models import State
from core.models import AuditEvent, OutboxMessage
from core.testing import record_proof
from evaluations.models import Evaluation
from evaluations.queries.figures import Change, Distribution, Moves, Row, summarize
from evaluations.queries.snapshot import build_snapshot
from networks import services as requests
from oas_trafficking.presenters.dashboard import COLUMNS, answers, group_counts
from oas_trafficking.queries.dashboard import UNDER_WAY
from oas_trafficking.tasks import write_export
from tests.factories.accounts import give_role, make_institution, make_key, make_user
from tests.factories.evaluations import fill_round, make_evaluation
from tests.factories.networks import make_sent, note
from tests.factories.workplan import make_round, only_a_few_take_part
from tests.support import assert_same_queries, queries_of, sign_in_fresh
from tests.workplan.pages import url
from workplan import services
from workplan.models import Report, ReportVersion, Round, StatusChange
from workplan.queries import report_content

pytestmark = pytest.mark.django_db
PERIODS = {"period": "2014-1", "compare": "2012-2"}


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    only_a_few_take_part()
    return make_evaluation(cast, accepted=3, submitted=1)


@pytest.fixture
def denise(cast: Any, client: Client) -> Client:
    sign_in_fresh(client, cast.denise)
    return client


def page_of(client: Client, **query: str) -> Any:
    response = client.get(url("dashboard"), query or PERIODS)
    assert response.status_code == 200
    return response.context["page"]


def rows_behind(client: Client, address: str) -> int:
    """How many rows the list at this address has, over all its pages."""
    response = client.get(address)
    assert response.status_code == 200, address
    listed = response.context.get("page")
    return int(listed.paginator.count) if listed else len(response.context["rows"])


# --- figures --------------------------------------------------------------


def area_cells(of: Row) -> list[int | None]:
    return [*group_counts(of.distribution).values(), of.distribution.advanced, of.distribution.counted,
            of.change.points if of.change else None]  # fmt: skip


def cells_of_workbook(content: bytes) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[2]
    return [[cell.value for cell in row[2:]] for row in sheet.iter_rows(min_row=2)]


def cells_of_csv(text: str) -> list[list[Any]]:
    lines = [line for line in csv.reader(io.StringIO(text.lstrip("\ufeff"))) if line[0] == "Areas"]
    by_area: dict[str, list[Any]] = {}
    for _table, area, column, value in lines:
        if column != "Area":
            by_area.setdefault(area, []).append(int(value) if value else None)
    return list(by_area.values())


def cells_of_api(told: Any) -> list[int | None]:
    return [told["figures"][name] for name in (*COLUMNS, "advanced", "counted", "points")]


def csv_by_job(client: Client) -> str:
    """The file that a worker makes for a program."""
    asked = client.post("/api/v1/dashboard/exports/", {**PERIODS, "format": "csv"}, content_type="application/json")
    message = OutboxMessage.objects.get(task=write_export.name)
    write_export(str(message.pk), *message.args)
    file = client.get(client.get(asked.headers["Location"]).json()["result"])
    return b"".join(file.streaming_content).decode()  # type: ignore[attr-defined]


def test_page_files_api_and_evaluation_tell_the_same_figures(
    evaluation: Evaluation, denise: Client, cast: Any, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    snapshot = summarize(build_snapshot(evaluation))
    expected = [area_cells(row) for row in snapshot.areas]
    page, program = page_of(denise), Client(headers={"Authorization": f"Bearer {make_key(cast.denise)[1]}"})
    api = program.get("/api/v1/dashboard/", PERIODS).json()
    told = {
        "page": [area_cells(line.row) for line in page.lines],
        "xlsx": cells_of_workbook(denise.get(url("dashboard_export", "xlsx"), PERIODS).content),
        "csv": cells_of_csv(denise.get(url("dashboard_export", "csv"), PERIODS).content.decode()),
        "api": [cells_of_api(row) for row in api["areas"]],
        "csv by a job": cells_of_csv(csv_by_job(program)),
    }
    assert told == dict.fromkeys(told, expected)
    assert [[count.figure for count in line.counts] for line in page.lines] == [row[:5] for row in expected]
    whole = snapshot.overall
    assert page.of.overall == whole
    assert cells_of_api({"figures": api["overall"]}) == area_cells(whole)
    assert (api["accepted"], api["submitted"]) == ([*snapshot.response.accepted], [*snapshot.response.submitted])
    assert page.received == len(snapshot.response.accepted) + len(snapshot.response.submitted) == 4
    assert whole.distribution.counted > 0, "nothing to compare"
    figures = sum(len(row) for row in expected) + 3
    record_proof("figures_agree", figures=figures, different=0, places=[*told, "evaluation"])


def test_every_count_leads_to_what_it_counts(evaluation: Evaluation, denise: Client) -> None:
    page = page_of(denise)
    counted = {count.url: count.figure for line in page.lines for count in line.counts}
    assert len(counted) == len(page.lines) * len(COLUMNS)
    assert {address: rows_behind(denise, address) for address in counted} == counted
    received, advanced, in_review, overdue = page.stats
    assert rows_behind(denise, received.url) == page.received
    assert rows_behind(denise, advanced.url) == page.of.overall.distribution.advanced
    assert [str(rows_behind(denise, stat.url)) for stat in (in_review, overdue)] == [in_review.figure, overdue.figure]
    assert (in_review.figure, overdue.figure) == ("1", "1")


def test_an_answer_is_beside_the_same_states_answer_of_the_period_before(
    evaluation: Evaluation, denise: Client
) -> None:
    of = denise.get(url("dashboard_answers"), PERIODS).context
    now, before = of["of"].live["rounds"]
    first = of["rows"][0]
    assert first.state == "Barbados"
    assert first.label == answers._status(now["reports"]["BB"]["ratings"][first.code][0])
    assert first.before == answers._status(before["reports"]["BB"]["ratings"][first.code][0])


# --- words ----------------------------------------------------------------


def changed(points: int) -> Row:
    """An area of 100 answers whose share rose by so many points."""

    def of(full: int) -> Distribution:
        counts = dict.fromkeys(("not_started", *UNDER_WAY, "full", "not_applicable", "no_information"), 0)
        return Distribution({**counts, "full": full, "not_started": 100 - full})

    return Row("", 1, of(30 + points), of(30), Change(of(30), of(30 + points), Moves(0, 0, 0)))


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ((8, 11, 4, 13), "Smallest change since 2012-2: Prosecution of the crime (+4 points)"),
        ((8, 11, -4, 13), "Largest decrease since 2012-2: Prosecution of the crime (−4 points)"),
        ((8, 11, 0, 13), "Smallest change since 2012-2: Prosecution of the crime (0 points)"),
        ((5, 6, 5, 7), "No area stands apart in its change since 2012-2"),
        ((4, 9, 4, 12), "No area stands apart in its change since 2012-2"),
    ],
)
def test_the_title_states_the_finding_by_rule(
    points: tuple[int, ...], said: str, evaluation: Evaluation, denise: Client
) -> None:
    page = page_of(denise)
    areas = [{"code": str(n), "title": {"en": name}} for n, name in enumerate(
        ("Prevention", "Protection", "Prosecution of the crime", "Cooperation"))]  # fmt: skip
    rows = tuple(Row(str(n), 1, row.distribution, row.own, row.change) for n, row in enumerate(map(changed, points)))
    page.of = type(page.of)(**{**vars(page.of), "areas": rows, "live": {**page.of.live, "areas": areas}})
    assert page.finding == said


def test_without_a_comparison_nothing_is_said_of_change(evaluation: Evaluation, denise: Client) -> None:
    page = page_of(denise, period="2014-1", compare="none")
    assert page.finding == "Answers by area and status"
    assert {line.change.text for line in page.lines} == {"—"}
    assert [stat.note for stat in page.stats[:2]] == ["", ""]


def test_an_unknown_period_is_the_latest(evaluation: Evaluation, denise: Client) -> None:
    assert page_of(denise, period="1914-1", compare="2050-1").query == PERIODS
    assert page_of(denise, period="2012-2", compare="2014-1").query == {"period": "2012-2", "compare": "none"}


# --- what waits -----------------------------------------------------------


def test_what_waits_is_told_oldest_first(cast: Any, evaluation: Evaluation, denise: Client) -> None:
    returned = Report.objects.get(round__code="2014-1", status="submitted")
    page = page_of(denise)
    assert [row.status for row in page.waiting] == ["overdue", "submitted"]
    assert [task.status for task in page.tasks] == ["overdue", "submitted", "draft"]
    assert [task.since for task in page.tasks] == sorted(task.since for task in page.tasks)
    Report.objects.filter(pk=returned.pk).update(status="returned")
    StatusChange.objects.create(
        report=returned, step="return", from_status="submitted", to_status="returned", by=cast.denise,
        at=timezone.make_aware(timezone.datetime(2014, 5, 1, 12)),
    )  # fmt: skip
    page = page_of(denise)
    assert [(row.status, row.since) for row in page.waiting] == [
        ("returned", date(2014, 5, 1)),
        ("overdue", date(2014, 6, 30)),
    ]
    assert {row.name for row in page.waiting}.isdisjoint(page.of.response.accepted)


def test_a_tile_tells_how_much_has_arrived_and_never_how_a_state_does(evaluation: Evaluation, denise: Client) -> None:
    tiles = {tile["code"]: tile["value"] for tile in page_of(denise).tiles}
    report = Report.objects.get(round__code="2014-1", state__iso2="BB")
    entries = report.accepted_version.content["entries"]  # type: ignore[union-attr]
    told = sum(entry["status"] != "no_information" for entry in entries)
    assert tiles["BB"] == round(100 * told / len(entries))
    assert {code for code, value in tiles.items() if value is None} == {"GT", "HT"}  # none has a version


def test_what_was_taken_back_unread_has_not_arrived(cast: Any, evaluation: Evaluation, denise: Client) -> None:
    report = Report.objects.get(round__code="2014-1", state__iso2="HT")
    version = ReportVersion.objects.create(
        report=report, number=1, content=report_content(report), sha256="0" * 64, submitted_by=cast.ana
    )
    assert {tile["code"]: tile["value"] for tile in page_of(denise).tiles}["HT"] == 0
    StatusChange.objects.create(
        report=report,
        step="withdraw",
        from_status="submitted",
        to_status="in_preparation",
        version=version,
        by=cast.ana,
    )
    assert {tile["code"]: tile["value"] for tile in page_of(denise).tiles}["HT"] is None


def test_in_a_frozen_period_nothing_is_awaited(evaluation: Evaluation, denise: Client) -> None:
    Round.objects.filter(code="2014-1").update(status="frozen", frozen_at=timezone.now())
    page = page_of(denise)
    assert page.stats[3].figure == "0"
    assert rows_behind(denise, page.stats[3].url) == 0


def test_it_tells_how_soon_authorities_answer_each_other(cast: Any, evaluation: Evaluation, denise: Client) -> None:
    """Those that ask most first; figures are those of the list of every pair."""
    for _n in range(2):
        make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    asked = make_sent(cast.ciro, cast.authority_gt, cast.authority_cr)
    requests.acknowledge(request=asked, actor=cast.ana)
    requests.answer(request=asked, note=note(), actor=cast.ana)
    rows = page_of(denise).corridors
    assert [(row.title, row.asked, row.answered, row.waiting, row.median) for row in rows] == [
        ("Costa Rica to Guatemala", 2, 0, 2, "—"),
        ("Guatemala to Costa Rica", 1, 1, 0, "0 hours"),
    ]
    listed = denise.get(url("corridor_list")).context["rows"]
    assert {(row.asked, row.median) for row in listed} == {(row.asked, row.median) for row in rows}
    assert all(denise.get(row.url).status_code == 200 for row in rows)


# --- access, files, cost --------------------------------------------------


def test_it_is_the_secretariats(cast: Any, client: Client, evaluation: Evaluation) -> None:
    addresses = [url("dashboard"), url("dashboard_answers"), url("dashboard_export", "csv")]
    for person, expected in (("ana", 403), ("marta", 403), ("evan", 403), ("denise", 200), ("didier", 200)):
        sign_in_fresh(client, getattr(cast, person))
        assert {client.get(address).status_code for address in addresses} == {expected}, person
    menu = client.get(url("dashboard")).context["nav_items"]
    assert [item.label for item in menu if item.current] == ["Dashboard"]


def test_a_file_asks_for_a_fresh_sign_in_and_leaves_its_trace(
    cast: Any, client: Client, evaluation: Evaluation
) -> None:
    address = url("dashboard_export", "xlsx")
    sign_in_fresh(client, cast.denise)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 0, "type": "totp"}]
    session.save()
    assert client.get(address).status_code == 302
    sign_in_fresh(client, cast.denise)
    about = openpyxl.load_workbook(io.BytesIO(client.get(address, PERIODS).content)).worksheets[0]
    assert [about["B3"].value, about["B4"].value] == ["2014-1", "2012-2"]
    event = AuditEvent.objects.filter(verb="dashboard.exported").latest("seq")
    assert (event.object_id, event.data) == ("2014-1", {"format": "xlsx", "compared": "2012-2"})
    assert client.get(url("dashboard_export", "pdf")).status_code == 404


def test_the_page_costs_the_same_with_one_round_and_with_ten(cast: Any, denise: Client) -> None:
    only_a_few_take_part()
    fill_round(cast, "2013-2", date(2013, 7, 1), date(2013, 12, 31), accepted=2, submitted=1)

    def more() -> None:
        fill_round(cast, "2014-1", date(2014, 1, 1), date(2014, 6, 30), accepted=4, submitted=1)
        for month in range(1, 9):
            round_ = make_round(f"2012-m{month}", date(2012, month, 1), date(2012, month, 28))
            services.open_round(round=round_, actor=cast.denise)

    assert assert_same_queries(denise, url("dashboard"), more) <= 15
    assert Round.objects.count() == 10
    assert len(queries_of(denise, url("dashboard_answers"))) <= 15


def test_nothing_is_told_by_color_alone(evaluation: Evaluation, denise: Client) -> None:
    text = unescape(denise.get(url("dashboard"), PERIODS).content.decode())
    bars = re.findall(r"<svg class=\"portal-bar\".*?</svg>", text, re.DOTALL)
    assert len(bars) == 4
    assert all(re.search(r"<title>[^<]*Full: \d", bar) for bar in bars)
    assert text.count("no report") == 2


def test_one_button_reminds_every_state_that_is_late_once_a_day(
    cast: Any, evaluation: Evaluation, denise: Client, client: Client
) -> None:
    remind = url("dashboard_remind", "2014-1")
    of_haiti = make_institution(InstitutionKind.AUTHORITY, "HT", State.objects.get(iso2="HT"))
    give_role(make_user("toussaint"), of_haiti, Role.CONTRIBUTOR)
    assert f'action="{remind}"' in denise.get(url("dashboard"), PERIODS).content.decode()
    late = {row.report.reference for row in page_of(denise).waiting if row.status == "overdue"}
    for _time in range(2):
        assert denise.post(remind).status_code == 302
    reminded = AuditEvent.objects.filter(verb="report.reminded").values_list("data__reference", flat=True)
    assert (set(reminded), len(reminded)) == (late, 1)
    client.force_login(cast.evan)
    assert client.post(remind).status_code == 403
