"""A report as a spreadsheet: out and back, previewed, imported whole or in part, undone."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.canonical import content_hash
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from core.models import AuditEvent
from core.testing import record_proof
from tests.factories.workplan import answer, make_open_round
from tests.support import assert_same_queries
from tests.workplan.pages import post_as, sent, url
from tests.workplan.sheets import C, as_csv, bad_files, exported, opened, rows_of, with_cells
from workplan import services
from workplan.enums import Obstacle
from workplan.forms import EntryForm
from workplan.imports import FaultyFile
from workplan.imports.reports import LIMITS
from workplan.models import Activity, ImportRun, Report
from workplan.presenters import import_preview
from workplan.queries import answer_values, report_content

pytestmark = pytest.mark.usefixtures("books_read_here")

PEOPLE = ("ana", "beto", "bruno", "marta", "carla", "ciro", "denise", "didier", "evan", "paula", "iris")
ACTION = services.ActionData("campaign", "Semana", date(2014, 3, 3))


@pytest.fixture
def report(cast: Any, open_round: Any) -> Report:
    """Half answered, with everything an answer can have."""
    report = Report.objects.get(reference="CR-2014-1")
    for number, entry in enumerate(report.entries.all()[:12]):
        if number % 4 == 3:
            answer(entry, cast.ana, status="not_applicable", narrative="", reason="- No hay costa.\nNi puertos.")
        else:
            answer(
                entry,
                cast.ana,
                narrative=f'Texto {number}: "á", ñ; =1+1\nSegunda línea\ty _x0041_ <b>&amp;',
                results="0",
                good_practice="Una ventanilla única.",
                obstacles="Ninguno.",
                obstacle_kinds=["budget", "legal"],
                is_ready=bool(number % 2),
                actions=[ACTION],
                language="es",
            )
    return report


def hand_in(report: Report, content: bytes, actor: Any, name: str = "cr.xlsx", **more: str) -> ImportRun:
    return services.start_import(report=report, content=content, name=name, actor=actor, **more)


def counts(run: ImportRun) -> dict[str, int]:
    kinds = [line["kind"] for line in run.lines]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))} | {"problem": len(run.problems)}


def digest(report: Report) -> str:
    return content_hash(report_content(Report.objects.select_related("round", "state").get(pk=report.pk)))


# --- out and back --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["es", "en", "fr", "pt-br"])
def test_what_goes_out_comes_back_as_it_was(cast: Any, report: Report, language: str) -> None:
    run = hand_in(report, exported(report, language), cast.ana)
    assert counts(run) == {"same": report.entries.count(), "problem": 0}


def test_three_cells_changed_are_three_changes(cast: Any, report: Report) -> None:
    before = {entry.activity.code: answer_values(entry) for entry in report.entries.select_related("activity")}
    codes = list(before)
    changes = {
        codes[0]: {C.NARRATIVE: "Otro texto."},
        codes[1]: {C.STATUS: "full"},
        codes[20]: {C.STATUS: "planned"},
    }
    run = hand_in(report, with_cells(exported(report), changes), cast.ana)
    assert counts(run) == {"change": 2, "new": 1, "same": len(codes) - 3, "problem": 0}
    services.confirm_import(run=run, actor=cast.ana)
    after = {entry.activity.code: answer_values(entry) for entry in report.entries.select_related("activity")}
    expected = {
        **before,
        codes[0]: {**before[codes[0]], "narrative": "Otro texto."},
        codes[1]: {**before[codes[1]], "status": "full"},
        codes[20]: {**before[codes[20]], "status": "planned"},
    }
    assert after == expected


def test_a_template_of_before_leaves_what_it_did_not_ask_as_it_is(cast: Any, report: Report) -> None:
    """Templates without a column for good practice are in use, and files that were read before there was one."""
    report.entries.filter(status="not_applicable").update(status="planned", reason="", narrative="Nada.")
    text = as_csv(exported(report), without=[C.GOOD_PRACTICE]).replace("Texto 1:", "Otro:")
    run = hand_in(report, text.encode("utf-8-sig"), cast.ana, "cr.csv")
    assert counts(run) == {"change": 1, "same": report.entries.count() - 1, "problem": 0}
    for line in run.lines:
        del line["before"]["good_practice"], line["after"]["good_practice"]
    run.save()
    preview = import_preview(run, Activity.objects.all())
    assert [part.label for row in preview.rows for part in row.parts] == ["What was done"]
    services.confirm_import(run=run, actor=cast.ana)
    changed = report.entries.get(narrative__startswith="Otro:")
    assert (changed.good_practice, changed.results) == ("Una ventanilla única.", "0")


def test_actions_and_evidence_stay(cast: Any, report: Report) -> None:
    entry = report.entries.all()[0]
    services.attach_address(
        entry=entry, data=services.EvidenceData("web_page", "Nota", "es"), url="https://example.org/a", actor=cast.ana
    )
    changed = with_cells(exported(report), {entry.activity.code: {C.NARRATIVE: "Otro."}})
    services.confirm_import(run=hand_in(report, changed, cast.ana), actor=cast.ana)
    entry.refresh_from_db()
    assert (entry.narrative, entry.actions.count(), entry.evidence.count()) == ("Otro.", 1, 1)


def test_rows_in_plain_text_do_as_well(cast: Any, report: Report) -> None:
    report.entries.update(narrative="Texto con ñ, comas; y punto.", reason="", status="partial")
    for delimiter in ";,\t":
        text = as_csv(exported(report), delimiter)
        run = hand_in(report, text.encode("utf-8-sig"), cast.ana, "cr.csv")
        assert counts(run) == {"same": report.entries.count(), "problem": 0}, delimiter


def test_words_of_every_language_are_understood_whatever_the_page_speaks(cast: Any, report: Report) -> None:
    with override("fr"):
        run = hand_in(report, exported(report, "pt-br"), cast.ana)
    assert counts(run)["problem"] == 0


def test_the_template_has_lists_a_hidden_column_and_locked_headings(cast: Any, report: Report, client: Client) -> None:
    client.force_login(cast.ana)
    response = client.get(url("report_spreadsheet", report.reference, language="es"))
    assert response["Content-Disposition"] == 'attachment; filename="CR-2014-1.xlsx"'
    book = opened(response.content)
    sheets = {sheet for sheet, _number, _code in rows_of(book)}
    assert len(sheets) == len({entry.activity.area_id for entry in report.entries.select_related("activity")})
    for sheet in sheets:
        assert sheet.column_dimensions["A"].hidden
        assert sheet.protection.sheet
        assert sheet.cell(1, 1).protection.locked
        assert not sheet.cell(2, 6).protection.locked
        assert {str(rule.formula1) for rule in sheet.data_validations.dataValidation} == {
            "lists!$A$1:$A$6", "lists!$B$1:$B$4", "lists!$C$1:$C$2",
        }  # fmt: skip
        assert sheet.page_setup.orientation == "landscape"
    assert book["lists"].sheet_state == "hidden"
    assert AuditEvent.objects.filter(verb="report.exported", chain="CR", actor=cast.ana).count() == 1


def test_the_limits_are_those_of_the_form() -> None:
    fields = EntryForm.base_fields
    assert {str(name): limit for name, limit in LIMITS.items()} == {
        name: fields[name].max_length for name in ("reason", "narrative", "results", "good_practice", "obstacles")
    }


# What a file may not hold: see validators.UNWANTED and BROKEN_LETTERS.
REFUSED = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffdÃÂâ"
TEXT = st.text(st.characters(exclude_categories=["C"], exclude_characters=REFUSED), max_size=60)


@given(texts=st.lists(TEXT, min_size=3, max_size=3), kinds=st.sets(st.sampled_from(Obstacle.values)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_goes_out_and_comes_back(cast: Any, report: Report, texts: list[str], kinds: set[str]) -> None:
    values = dict(zip(("narrative", "results", "obstacles"), (text.strip() for text in texts), strict=True))
    first = report.entries.all()[0].pk
    report.entries.filter(pk=first).update(**values, obstacle_kinds=sorted(kinds), status="partial", is_ready=False)
    assert counts(hand_in(report, exported(report), cast.ana)) == {"same": report.entries.count(), "problem": 0}


# --- problems ------------------------------------------------------------------------------------


def faulty(report: Report) -> bytes:
    codes = [entry.activity.code for entry in report.entries.select_related("activity")]
    return with_cells(
        exported(report, "en"),
        {codes[0]: {C.STATUS: "Hecho"}, codes[1]: {C.NARRATIVE: "=1+1"}, codes[20]: {C.NARRATIVE: "Nuevo."}},
    )


def test_each_problem_names_sheet_row_column_and_what_was_found(cast: Any, report: Report) -> None:
    run = hand_in(report, faulty(report), cast.ana)
    found = [(p["sheet"], p["row"], p["column"], p["found"]) for p in run.problems]
    sheet = report.entries.all()[0].activity.area.title_en
    assert found == [(sheet, 2, "status", "Hecho"), (sheet, 3, "narrative", "=1+1")]
    assert "must be one of: Not started; " in run.problems[0]["expected"]
    assert "formula" in run.problems[1]["expected"]


def test_nothing_is_imported_while_there_are_problems(cast: Any, report: Report, client: Client) -> None:
    before = digest(report)
    run = hand_in(report, faulty(report), cast.ana)
    post_as(client, cast.ana, url("import_confirm", run.public_id))
    post_as(client, cast.ana, url("import_confirm", run.public_id), {"without": "1"})
    run.refresh_from_db()
    assert (run.state, digest(report)) == ("read", before)


def test_the_rest_is_imported_by_choice_and_the_problems_stay_as_to_do(
    cast: Any, report: Report, client: Client
) -> None:
    run = hand_in(report, faulty(report), cast.ana)
    client.force_login(cast.ana)
    address = url("import_detail", run.public_id)
    assert "Import without these 2 rows" in client.get(address).content.decode()
    post_as(client, cast.ana, url("import_confirm", run.public_id), {"without": "2"})
    assert report.entries.all()[20].narrative == "Nuevo."
    page = client.get(address).content.decode()
    assert "Left out, still to do" in page
    assert "Hecho" in page


def test_the_file_comes_back_with_its_problems_marked(cast: Any, report: Report, client: Client) -> None:
    run = hand_in(report, faulty(report), cast.ana)
    client.force_login(cast.ana)
    book = opened(client.get(url("import_problems", run.public_id)).content)
    sheet = next(sheet for sheet, _number, _code in rows_of(book))
    assert sheet.cell(1, 13).value == "Problem"
    assert sheet.cell(2, 4).value == "Hecho"
    assert "must be one of" in sheet.cell(2, 13).value
    assert "must be one of" in sheet.cell(2, 4).comment.text
    assert sheet.cell(3, 13).value
    assert not sheet.cell(4, 13).value
    # Corrected in place, the very file that came back goes in.
    marked = with_cells(client.get(url("import_problems", run.public_id)).content, {})
    codes = [entry.activity.code for entry in report.entries.select_related("activity")]
    repaired = with_cells(marked, {codes[0]: {C.STATUS: "full"}, codes[1]: {C.NARRATIVE: "Texto."}})
    assert counts(hand_in(report, repaired, cast.ana))["problem"] == 0


def test_plain_text_comes_back_with_its_own_row_numbers(cast: Any, report: Report, client: Client) -> None:
    lines = as_csv(exported(report), ";").split("\r\n")
    head = lines[0]
    rows = [f"CR-2014-1:{code};;;{status};;Uno.;;;;;;" for code, status in (("PRV-01", "Hecho"), ("PRV-02", "full"))]
    run = hand_in(report, "\r\n".join([head, rows[0], "", rows[1]]).encode(), cast.ana, "cr.csv")
    assert [(p["row"], p["found"]) for p in run.problems] == [(2, "Hecho")]
    client.force_login(cast.ana)
    back = client.get(url("import_problems", run.public_id)).content.decode("utf-8-sig").split("\r\n")
    assert back[0].endswith(",problem")
    assert "must be one of" in back[1]
    assert back[3].startswith("CR-2014-1:PRV-02")


def test_the_wrong_States_template_is_one_plain_sentence(cast: Any, report: Report, client: Client) -> None:
    other = exported(Report.objects.get(reference="GT-2014-1"))
    upload = SimpleUploadedFile("gt.xlsx", other)
    page = post_as(client, cast.ana, url("import_new"), {"report": report.reference, "file": upload})
    assert page.status_code == 422
    assert "is the template of GT-2014-1; this import is for CR-2014-1" in page.content.decode()


# --- importing again, undoing --------------------------------------------------------------------


def test_a_second_import_updates(cast: Any, report: Report) -> None:
    code = report.entries.all()[0].activity.code
    for text in ("Uno.", "Dos."):
        run = hand_in(report, with_cells(exported(report), {code: {C.NARRATIVE: text}}), cast.ana)
        services.confirm_import(run=run, actor=cast.ana)
    assert report.entries.get(activity__code=code).narrative == "Dos."
    assert report.entries.count() == report.entries.values("activity").distinct().count()


def test_undoing_restores_what_was_there_to_the_letter(cast: Any, report: Report, client: Client) -> None:
    before = digest(report)
    run = hand_in(report, faulty(report), cast.ana)
    services.confirm_import(run=run, actor=cast.ana, without=2)
    assert digest(report) != before
    post_as(client, cast.beto, url("import_undo", run.public_id))
    run.refresh_from_db()
    assert (run.state, run.undone_by, digest(report)) == ("undone", cast.beto, before)
    verbs = AuditEvent.objects.filter(chain="CR", verb__startswith="import.").values_list("verb", flat=True)
    assert list(verbs) == ["import.read", "import.confirmed", "import.undone"]


def test_undoing_restores_what_waited_for_a_confirmation(cast: Any, report: Report) -> None:
    copied, proposed = report.entries.all()[20:22]
    answer(copied, cast.ana, carried_from=report.round, is_ready=False)
    answer(proposed, cast.ana)
    type(proposed).objects.filter(pk=proposed.pk).update(proposed_by=cast.ana)
    changes = {entry.activity.code: {C.NARRATIVE: "Otro."} for entry in (copied, proposed)}
    run = hand_in(report, with_cells(exported(report), changes), cast.ana)
    services.undo_import(run=services.confirm_import(run=run, actor=cast.ana), actor=cast.ana)
    waiting = list(report.entries.values_list("carried_from", "proposed_by")[20:22])
    assert waiting == [(report.round_id, None), (None, cast.ana.pk)]


def test_an_import_of_before_is_undone_too(cast: Any, report: Report) -> None:
    """It did not keep what waited for a confirmation."""
    before = digest(report)
    run = services.confirm_import(run=hand_in(report, faulty(report), cast.ana), actor=cast.ana, without=2)
    names = ("activity", "before", "version")
    ImportRun.objects.filter(pk=run.pk).update(undo=[{name: line[name] for name in names} for line in run.undo])
    services.undo_import(run=run, actor=cast.ana)
    assert digest(report) == before


def test_an_import_that_somebody_built_on_is_not_undone(cast: Any, report: Report) -> None:
    run = hand_in(report, faulty(report), cast.ana)
    services.confirm_import(run=run, actor=cast.ana, without=2)
    answer(report.entries.all()[20], cast.beto, narrative="Seguido.")
    with pytest.raises(StaleVersion):
        services.undo_import(run=run, actor=cast.ana)
    assert report.entries.all()[20].narrative == "Seguido."


def test_after_a_day_an_import_stays(cast: Any, report: Report, client: Client) -> None:
    run = hand_in(report, faulty(report), cast.ana)
    services.confirm_import(run=run, actor=cast.ana, without=2)
    ImportRun.objects.filter(pk=run.pk).update(imported_at=timezone.now() - timedelta(hours=24, seconds=1))
    with pytest.raises(StepRefused):
        services.undo_import(run=run, actor=cast.ana)
    client.force_login(cast.ana)
    assert "Undo this import" not in client.get(url("import_detail", run.public_id)).content.decode()


def test_what_somebody_saved_meanwhile_is_not_written_over(cast: Any, report: Report) -> None:
    run = hand_in(report, faulty(report), cast.ana)
    answer(report.entries.all()[20], cast.beto, narrative="Mientras tanto.")
    before = digest(report)
    with pytest.raises(StaleVersion):
        services.confirm_import(run=run, actor=cast.ana, without=2)
    assert digest(report) == before


def test_a_double_click_is_one_run_and_one_import(cast: Any, report: Report, client: Client) -> None:
    content = faulty(report)
    for _ in range(2):
        upload = SimpleUploadedFile("cr.xlsx", content)
        post_as(client, cast.ana, url("import_new"), {"report": report.reference, "file": upload})
    run = ImportRun.objects.get()
    for _ in range(2):
        post_as(client, cast.ana, url("import_confirm", run.public_id), {"without": "2"})
    assert report.entries.all()[20].version == 2


# --- who -----------------------------------------------------------------------------------------


def test_only_who_writes_the_whole_report_imports(cast: Any, report: Report) -> None:
    content = exported(report)

    def try_it(user: Any) -> bool:
        try:
            hand_in(report, content, user, channel="letter")
        except (NotAllowed, PortalError):
            return False
        return True

    assert {name for name in PEOPLE if try_it(getattr(cast, name))} == {"ana", "beto"}


def test_each_person_sees_exactly_these_runs(cast: Any, report: Report, client: Client) -> None:
    own = hand_in(report, exported(report), cast.ana)
    other = Report.objects.get(reference="GT-2014-1")
    foreign = hand_in(other, exported(other), cast.carla)
    secretariats = hand_in(
        Report.objects.get(reference="SG-2014-1"),
        exported(Report.objects.get(reference="SG-2014-1")),
        cast.denise,
    )
    seen = {name: set(ImportRun.objects.visible_to(getattr(cast, name))) for name in PEOPLE}
    expected = {name: {own} for name in ("ana", "beto", "bruno")} | {name: {foreign} for name in ("carla", "ciro")}
    expected |= {name: {secretariats} for name in ("denise", "didier")}
    assert seen == {name: set() for name in PEOPLE} | expected
    client.force_login(cast.carla)
    for page in ("import_detail", "import_problems"):
        assert client.get(url(page, own.public_id)).status_code == 404
    for page in ("import_confirm", "import_undo"):
        assert client.post(url(page, own.public_id)).status_code == 404
    client.force_login(cast.bruno)  # reads the report, does not write it
    assert client.get(url("import_detail", own.public_id)).status_code == 200
    assert client.post(url("import_confirm", own.public_id)).status_code == 403


def test_a_report_that_was_sent_takes_no_file(cast: Any, report: Report, client: Client) -> None:
    run = hand_in(report, exported(report), cast.ana)
    sent(report, cast.ana, cast.beto)
    with pytest.raises(NotAllowed):
        services.confirm_import(run=run, actor=cast.ana)
    client.force_login(cast.ana)
    assert "No report can be filled in now" in client.get(url("import_new")).content.decode()


def test_the_secretariat_imports_for_a_State_that_did_not_report(cast: Any, open_round: Any, client: Client) -> None:
    report = Report.objects.get(reference="CR-2014-1")
    filled = with_cells(exported(report), {"PRV-01": {C.STATUS: "planned", C.NARRATIVE: "Según la carta."}})
    client.force_login(cast.denise)
    assert client.get(url("report_spreadsheet", report.reference)).status_code == 404
    services.close_round(round=open_round, actor=cast.denise)
    assert client.get(url("report_spreadsheet", report.reference)).status_code == 200
    upload = SimpleUploadedFile("cr.xlsx", filled)
    data = {"report": report.reference, "file": upload}
    assert post_as(client, cast.denise, url("import_new"), data).status_code == 422  # how did it come?
    upload.seek(0)
    assert post_as(client, cast.denise, url("import_new"), {**data, "channel": "letter"}).status_code == 302
    run = ImportRun.objects.get()
    assert run.channel == "letter"
    post_as(client, cast.denise, url("import_confirm", run.public_id))
    page = client.get(url("import_detail", run.public_id)).content.decode()
    assert url("report_file", report.reference) in page
    filing = {
        "channel": "letter",
        "received_on_0": "2",
        "received_on_1": "7",
        "received_on_2": "2014",
        "received_as": "DM-1",
    }
    assert post_as(client, cast.denise, url("report_file", report.reference), filing).status_code == 302
    report.refresh_from_db()
    assert (report.status, report.versions.get().received_as) == ("submitted", "DM-1")


def test_the_secretariat_never_sees_or_overwrites_a_States_draft(cast: Any, report: Report, client: Client) -> None:
    content = exported(report)
    services.close_round(round=report.round, actor=cast.denise)
    with pytest.raises(NotAllowed):
        hand_in(report, content, cast.denise, channel="letter")
    client.force_login(cast.denise)
    assert client.get(url("report_spreadsheet", report.reference)).status_code == 403


# --- pages ---------------------------------------------------------------------------------------


def test_a_preview_costs_the_same_for_many_rows(cast: Any, report: Report, client: Client) -> None:
    code = report.entries.all()[0].activity.code
    one = hand_in(report, with_cells(exported(report), {code: {C.NARRATIVE: "Otro."}}), cast.ana)
    many = hand_in(
        report,
        with_cells(exported(report), {e.activity.code: {C.RESULTS: "Otro."} for e in report.entries.all()}),
        cast.ana,
    )
    client.force_login(cast.ana)
    assert_same_queries(
        client,
        url("import_detail", one.public_id),
        lambda: None,
        more_url=url("import_detail", many.public_id),
    )


def test_the_preview_says_how_many_of_which(cast: Any, report: Report, client: Client) -> None:
    run = hand_in(report, faulty(report), cast.ana)
    client.force_login(cast.ana)
    page = " ".join(client.get(url("import_detail", run.public_id)).content.decode().split())
    total = report.entries.count()
    assert "What was done</td>" in page  # the heading of the column, not its code
    assert f"{total} rows: 1 new, 0 changes, {total - 3} as before, 2 with problems" in page


# --- five hundred files --------------------------------------------------------------------------

FILES, THROUGH_THE_PAGE = 500, 90


@pytest.mark.full
def test_five_hundred_malformed_files_change_nothing_and_say_what_is_wrong(
    cast: Any, report: Report, client: Client
) -> None:
    hand_in_bad_files(cast, report, client, FILES, THROUGH_THE_PAGE)
    record_proof("import_fuzz", files=FILES, partial=0, server_errors=0)


def test_some_malformed_files_change_nothing_and_say_what_is_wrong(cast: Any, report: Report, client: Client) -> None:
    hand_in_bad_files(cast, report, client, 60, 20)


def hand_in_bad_files(cast: Any, report: Report, client: Client, files: int, through_page: int) -> None:
    own, other = exported(report), exported(Report.objects.get(reference="GT-2014-1"))
    before, partial, errors, silent = digest(report), 0, [], []
    client.force_login(cast.ana)
    client.raise_request_exception = False
    for number, (kind, name, content) in enumerate(bad_files(files, own, other, seed=20141204)):
        if number < through_page:
            said, status = through_the_page(client, report, name, content)
            errors += [(kind, status)] if status >= 500 else []
        else:
            said = through_the_service(cast, report, name, content)
        if not said or not all(PLACE.search(line) for line in said):
            silent.append((kind, said[:2]))
        if digest(report) != before:
            partial += 1
    assert (partial, errors, silent) == (0, [], [])


# "Row 3, Status: …", "Sheet Prevention, row 3, Status: …", or the file as a whole.
PLACE = re.compile(r"^(The file .+\.|(Sheet .+, row|Row) \d+, .+: .+\.|.*row \d+.*\|.+\|.*)$", re.DOTALL)


def _told(run: ImportRun) -> list[str]:
    return [f"{p['sheet']}, row {p['row']}|{p['column']}|{p['expected']}" for p in run.problems]


def through_the_service(cast: Any, report: Report, name: str, content: bytes) -> list[str]:
    try:
        run = hand_in(report, content, cast.ana, name)
    except FaultyFile as refusal:
        return [str(fault) for fault in refusal.faults]
    with pytest.raises(PortalError):
        services.confirm_import(run=run, actor=cast.ana)
    return _told(run)


def through_the_page(client: Client, report: Report, name: str, content: bytes) -> tuple[list[str], int]:
    data = {"report": report.reference, "file": SimpleUploadedFile(name, content)}
    response = client.post(url("import_new"), data)
    if response.status_code != 302:
        form = response.context["form"] if response.context else None
        own_words = [str(error) for errors in (form.errors.values() if form else []) for error in errors]
        return response.context["faults"] + response.context["more"] or own_words, response.status_code
    run = ImportRun.objects.latest("pk")
    confirmed = client.post(url("import_confirm", run.public_id))
    back = client.get(url("import_problems", run.public_id))
    return _told(run), max(response.status_code, confirmed.status_code, back.status_code)


def test_what_the_generator_spoils_was_good(cast: Any, report: Report) -> None:
    """Or files would count as refused for nothing."""
    own = exported(report)
    for name, content in (("a.xlsx", own), ("again.xlsx", with_cells(own, {}))):
        assert counts(hand_in(report, content, cast.ana, name))["problem"] == 0
    report.entries.exclude(reason="").update(reason="Sin costa.")
    assert counts(hand_in(report, as_csv(exported(report)).encode(), cast.ana, "a.csv"))["problem"] == 0


def test_past_periods_are_listed_to_be_filled_in(cast: Any, report: Report, client: Client) -> None:
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    client.force_login(cast.ana)
    page = client.get(url("import_new")).content.decode()
    found = re.findall(r"/reports/([A-Z]{2}-\d{4}-\d)/spreadsheet/", page)
    assert found == ["CR-2014-1", "CR-2013-2"]
