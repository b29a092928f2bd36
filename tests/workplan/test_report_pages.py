"""Pages of those who report: who reaches them, what they list, and that nothing typed is lost."""

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from tests.factories.workplan import answer, make_open_round
from tests.workplan.pages import CAMPAIGN, post_as, sent, typed, url
from workplan import services
from workplan.models import EntryUserObjectPermission, Report, ReportEntry, StatusChange

CR = "CR-2014-1"


@pytest.fixture
def report(open_round: Any) -> Report:
    return Report.objects.get(reference=CR)


@pytest.fixture
def entry(report: Report) -> ReportEntry:
    return report.entries.get(activity__code="PRV-01")


@pytest.fixture
def page(entry: ReportEntry) -> str:
    return url("entry_edit", CR, "PRV-01")


@pytest.fixture
def ana(cast: Any, client: Client) -> Client:
    client.force_login(cast.ana)
    return client


def hand_over(entry: ReportEntry, user: Any) -> None:
    permission = Permission.objects.get(codename="change_reportentry")
    EntryUserObjectPermission.objects.create(user=user, permission=permission, content_object=entry)


def stored(entry: ReportEntry) -> tuple[str, str, int]:
    entry.refresh_from_db()
    return entry.status, entry.narrative, entry.version


# --- who reaches what ----------------------------------------------------------------------------

# One submitted and returned report of Costa Rica, with a question; everybody asks for the same pages.
ACCESS = {
    #                    ana beto bruno marta carla denise evan paula
    "report_detail": (200, 200, 200, 404, 404, 200, 200, 404),
    "report_check": (200, 200, 200, 404, 404, 403, 403, 404),
    "report_approve": (403, 302, 302, 404, 404, 403, 403, 404),
    "report_sent": (200, 200, 200, 404, 404, 200, 200, 404),
    "report_history": (200, 200, 200, 404, 404, 200, 200, 404),
    "report_version": (200, 200, 200, 404, 404, 200, 200, 404),
    "entry_edit": (200, 200, 200, 404, 404, 404, 404, 404),
    "question_answer": (200, 200, 200, 404, 404, 403, 404, 404),
    "review_detail": (403, 403, 403, 404, 404, 200, 403, 404),
}
NAMES = ("ana", "beto", "bruno", "marta", "carla", "denise", "evan", "paula")


def test_who_reaches_which_page(cast: Any, client: Client, report: Report, entry: ReportEntry) -> None:
    sent(report, cast.ana, cast.beto)
    question = services.ask_question(
        report=report, activity=entry.activity, field="results", text="How many?", actor=cast.denise
    )
    services.return_report(report=report, actor=cast.denise, note="")
    more = {"entry_edit": ["PRV-01"], "report_version": [1], "question_answer": [question.public_id]}
    for name, expected in ACCESS.items():
        found = []
        for person in NAMES:
            client.force_login(getattr(cast, person))
            found.append(client.get(url(name, CR, *more.get(name, []))).status_code)
        assert dict(zip(NAMES, found, strict=True)) == dict(zip(NAMES, expected, strict=True)), name


def test_a_report_that_was_never_submitted_is_the_states_own(cast: Any, client: Client, report: Report) -> None:
    found = {}
    for person in NAMES:
        client.force_login(getattr(cast, person))
        found[person] = client.get(report.get_absolute_url()).status_code
    assert {person for person, status in found.items() if status == 200} == {"ana", "beto", "bruno"}
    assert set(found.values()) == {200, 404}


def test_each_list_holds_exactly_the_own_reports(cast: Any, client: Client, report: Report) -> None:
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    sent(report, cast.ana, cast.beto)
    shown = {}
    for person in NAMES:
        client.force_login(getattr(cast, person))
        rows = client.get(url("report_list")).context["rows"]
        shown[person] = {(row.report.reference, bool(row.ready)) for row in rows}
    own = {("CR-2014-1", True), ("CR-2013-2", True)}
    assert shown == {
        "ana": own,
        "beto": own,
        "bruno": own,
        "marta": set(),
        "carla": {("GT-2014-1", True), ("GT-2013-2", True)},
        "denise": {("CR-2014-1", False), ("SG-2014-1", True), ("SG-2013-2", True)},
        "evan": {("CR-2014-1", False)},
        "paula": set(),
    }


def test_the_secretariat_reads_no_working_answer(cast: Any, client: Client, report: Report, entry: Any) -> None:
    answer(entry, cast.ana, narrative="Enviado.")
    sent(report, cast.ana, cast.beto)
    services.return_report(report=report, actor=cast.denise, note="More, please.")
    entry.refresh_from_db()
    answer(entry, cast.ana, narrative="Borrador secreto.")
    pages = [
        report.get_absolute_url(),
        url("report_version", CR, 1),
        url("review_detail", CR),
        url("report_history", CR),
    ]
    for person in ("denise", "evan"):
        client.force_login(getattr(cast, person))
        texts = [client.get(address).content.decode() for address in pages]
        assert not any("secreto" in text for text in texts)
    assert "Enviado." in texts[1]


# --- task list -----------------------------------------------------------------------------------


def test_the_task_list_counts_what_is_ready(cast: Any, ana: Client, report: Report, entry: ReportEntry) -> None:
    answer(entry, cast.ana)
    answer(report.entries.get(activity__code="PRV-02"), cast.ana, is_ready=False)
    response = ana.get(report.get_absolute_url())
    total = report.entries.count()
    assert response.context["ready"] == f"1 of {total} ready"
    states = {task.title.split()[0]: task.status for area in response.context["areas"] for task in area.items}
    assert {code: state for code, state in states.items() if state != "not_started"} == {
        "PRV-01": "ready",
        "PRV-02": "in_progress",
    }
    assert len(states) == total
    assert "Provisional catalogue" in response.content.decode()


def test_overdue_is_a_label_of_what_was_never_submitted(cast: Any, ana: Client, report: Report) -> None:
    assert ana.get(report.get_absolute_url()).context["tag"][0] == "overdue"
    sent(report, cast.ana, cast.beto)
    assert ana.get(report.get_absolute_url()).context["tag"][0] == "submitted"


# --- one entry -----------------------------------------------------------------------------------


def test_no_information_is_not_offered(ana: Client, page: str) -> None:
    html = ana.get(page).content.decode()
    offered = set(re.findall(r'name="status" type="radio" value="(\w+)"', html))
    assert offered == {"not_started", "planned", "partial", "substantial", "full", "not_applicable"}


def test_saving_goes_on_to_the_next_entry_of_the_area(ana: Client, page: str, entry: ReportEntry) -> None:
    response = ana.post(page, typed(entry, CAMPAIGN, narrative="Uno.\r\nDos."))
    assert response.url == url("entry_edit", CR, "PRV-02")
    assert stored(entry) == ("partial", "Uno.\nDos.", 2)
    assert [(a.kind, a.starts_on, a.place) for a in entry.actions.all()] == [("campaign", date(2014, 3, 3), "Limón")]


def test_the_last_entry_of_an_area_leads_back_to_the_task_list(ana: Client, report: Report) -> None:
    last = report.entries.filter(activity__area__code="PRV").latest("activity__position")
    response = ana.post(url("entry_edit", CR, last.activity.code), typed(last))
    assert response.url == f"{url('report_detail', CR)}#PRV"


def test_save_and_exit_and_room_for_more_actions(ana: Client, page: str, entry: ReportEntry) -> None:
    assert ana.post(page, typed(entry, then="exit")).url == f"{url('report_detail', CR)}#PRV"
    entry.refresh_from_db()
    assert ana.post(page, typed(entry, CAMPAIGN, then="add")).url == f"{page}#actions"
    assert len(ana.get(page).context["actions"].forms) == 1 + 3


def test_an_action_can_be_changed_and_removed(cast: Any, ana: Client, page: str, entry: ReportEntry) -> None:
    actions = [services.ActionData("study", title, date(2014, 2, 1)) for title in ("Uno", "Dos")]
    answer(entry, cast.ana, actions=actions)
    entry.refresh_from_db()
    one = {"kind": "study", "title": "Uno", "starts_on": (1, 2, 2014), "DELETE": "on"}
    two = {"kind": "study", "title": "Dos, segunda parte", "starts_on": (1, "febrero", 2014)}
    data = typed(entry, one, two, **{"actions-INITIAL_FORMS": "2"})
    assert ana.post(page.replace("/en/", "/es/"), data).status_code == 302
    assert [action.title for action in entry.actions.all()] == ["Dos, segunda parte"]


def test_a_draft_may_be_blank_but_a_complete_section_may_not(ana: Client, page: str, entry: ReportEntry) -> None:
    blank = {"status": "", "narrative": ""}
    assert ana.post(page, typed(entry, **blank, completed="no")).status_code == 302
    entry.refresh_from_db()
    response = ana.post(page, typed(entry, **blank))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"status"}


ERRORS: list[tuple[dict[str, Any], list[dict[str, Any]], str]] = [
    ({"status": "not_applicable"}, [], "id_reason"),
    ({"status": "no_information"}, [], "id_status_0"),
    ({"narrative": ""}, [], "id_narrative"),
    ({"results": "x" * 2001}, [], "id_results"),
    ({"good_practice": "x" * 2001}, [], "id_good_practice"),
    ({}, [{**CAMPAIGN, "title": ""}], "id_actions-0-title"),
    ({}, [{**CAMPAIGN, "starts_on": (31, 2, 2014)}], "id_actions-0-starts_on_0"),
    ({}, [{**CAMPAIGN, "starts_on": (1, 7, 2014)}], "id_actions-0-starts_on_0"),
    ({}, [{**CAMPAIGN, "ends_on": (2, 3, 2014)}], "id_actions-0-ends_on_0"),
]


@pytest.mark.parametrize(("changes", "rows", "target"), ERRORS)
def test_errors_say_what_to_fix_and_keep_what_was_typed(
    ana: Client, page: str, entry: ReportEntry, changes: Any, rows: Any, target: str
) -> None:
    response = ana.post(page, typed(entry, *rows, **{"narrative": "Conservado.", **changes}))
    html = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in html
    assert f'href="#{target}"' in html
    assert f'id="{target}"' in html
    assert ("Conservado." in html) == ("narrative" not in changes)
    assert stored(entry) == ("", "", 1)


def test_the_answer_of_the_period_before_stands_under_each_question(cast: Any, ana: Client, page: str) -> None:
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    old = ReportEntry.objects.get(report__reference="CR-2013-2", activity__code="PRV-01")
    other = ReportEntry.objects.get(report__reference="GT-2013-2", activity__code="PRV-01")
    actions = [services.ActionData("study", "Estudio viejo", date(2013, 9, 1))]
    told = {"narrative": "Texto viejo.", "results": "Cifra vieja.", "good_practice": "Lo que sirvió antes."}
    answer(old, cast.ana, **told, status="planned", actions=actions)
    answer(other, cast.carla, narrative="Texto ajeno.")
    html = ana.get(page).content.decode()
    for text in (*told.values(), "Estudio viejo", "Planned or in preparation”"):
        assert text in html
    assert "Texto ajeno." not in html


# --- two people in one entry ---------------------------------------------------------------------


@pytest.fixture
def conflict(cast: Any, ana: Client, page: str, entry: ReportEntry) -> Any:
    """Ana opened version 1; Beto saved; Ana posts."""
    mine = typed(entry, CAMPAIGN, narrative="De Ana.", results="Lo mismo.")
    theirs = [services.ActionData("study", "Estudio", date(2014, 2, 1))]
    answer(entry, cast.beto, narrative="De Beto.", results="Lo mismo.", language="es", actions=theirs)
    response = ana.post(page, mine)
    assert response.status_code == 409
    return response


def carried(response: Any) -> dict[str, Any]:
    """What a browser would post back from the conflict page, before any choice."""
    data = dict(response.context["typed"])
    names = [part.choice.name for part in response.context["parts"]]
    return {**data, "version": str(response.context["entry"].version), "conflict": names}


def test_a_stale_save_shows_both_texts_and_writes_nothing(conflict: Any, entry: ReportEntry) -> None:
    html = conflict.content.decode()
    assert "De Ana." in html
    assert "De Beto." in html
    assert [part.choice.name for part in conflict.context["parts"]] == ["narrative", "actions"]
    assert stored(entry) == ("partial", "De Beto.", 2)


@pytest.mark.parametrize(
    ("narrative", "actions", "text", "titles"),
    [
        ("mine", "mine", "De Ana.", {"Semana"}),
        ("theirs", "theirs", "De Beto.", {"Estudio"}),
        ("both", "both", "De Beto.\n\nDe Ana.", {"Semana", "Estudio"}),
        ("mine", "theirs", "De Ana.", {"Estudio"}),
    ],
)
def test_each_part_is_chosen_by_itself(
    conflict: Any, ana: Client, page: str, entry: Any, narrative: str, actions: str, text: str, titles: set[str]
) -> None:
    choice = {"keep-narrative": narrative, "keep-actions": actions}
    assert ana.post(page, {**carried(conflict), **choice}).status_code == 302
    assert stored(entry) == ("partial", text, 3)
    assert {action.title for action in entry.actions.all()} == titles


def test_a_missing_choice_is_asked_again_and_nothing_is_lost(
    conflict: Any, ana: Client, page: str, entry: ReportEntry
) -> None:
    response = ana.post(page, {**carried(conflict), "keep-narrative": "mine"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "De Ana." in html
    assert "De Beto." in html
    assert "<title>Error: " in html
    assert carried(response) == carried(conflict)
    assert stored(entry) == ("partial", "De Beto.", 2)


def test_a_third_save_in_between_asks_again(conflict: Any, ana: Client, cast: Any, page: str, entry: Any) -> None:
    entry.refresh_from_db()
    answer(entry, cast.beto, narrative="De Beto, otra vez.", results="Lo mismo.", language="es")
    choice = {"keep-narrative": "mine", "keep-actions": "mine"}
    response = ana.post(page, {**carried(conflict), **choice})
    assert response.status_code == 409
    assert "De Ana." in response.content.decode()
    assert "otra vez" in response.content.decode()
    assert stored(entry) == ("partial", "De Beto, otra vez.", 3)


def test_the_same_form_sent_twice_is_saved_once(ana: Client, page: str, entry: ReportEntry) -> None:
    data = typed(entry, CAMPAIGN)
    assert [ana.post(page, data).status_code for _ in range(2)] == [302, 302]
    assert (stored(entry)[2], entry.actions.count()) == (2, 1)


# --- entries handed over -------------------------------------------------------------------------


@pytest.fixture
def marta(cast: Any, client: Client, entry: ReportEntry) -> Client:
    hand_over(entry, cast.marta)
    client.force_login(cast.marta)
    return client


def test_whoever_was_handed_an_entry_sees_that_entry_alone(marta: Client, report: Report, page: str) -> None:
    codes = report.entries.values_list("activity__code", flat=True)
    reached = {code for code in codes if marta.get(url("entry_edit", CR, code)).status_code == 200}
    assert reached == {"PRV-01"}
    assert marta.get(report.get_absolute_url()).status_code == 404
    assert {e.activity.code for e in marta.get(url("report_list")).context["handed"]} == {"PRV-01"}


def test_every_link_of_that_page_leads_somewhere(marta: Client, page: str) -> None:
    html = marta.get(page).content.decode()
    main = html[html.index('class="govuk-width-container portal-container"') : html.index("<footer")]
    links = set(re.findall(r'href="(/[^"#]*)"', main))
    assert url("home") in links
    assert {link: marta.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_after_saving_they_are_back_on_the_start_page(marta: Client, page: str, entry: ReportEntry) -> None:
    assert marta.post(page, typed(entry)).url == url("home")
    assert stored(entry)[1] == "Texto."


def test_a_grant_of_another_state_opens_nothing(cast: Any, client: Client, page: str, entry: ReportEntry) -> None:
    hand_over(entry, cast.carla)
    assert post_as(client, cast.carla, page, typed(entry)).status_code == 404
    assert stored(entry)[2] == 1


# --- reading without writing ---------------------------------------------------------------------


def test_an_approver_reads_an_entry_and_does_not_write_it(
    cast: Any, client: Client, page: str, entry: ReportEntry
) -> None:
    answer(entry, cast.ana, narrative="Para leer.")
    client.force_login(cast.bruno)
    html = client.get(page).content.decode()
    assert "Para leer." in html
    assert "<textarea" not in html
    assert client.post(page, typed(entry)).status_code == 403


def test_a_sent_report_cannot_be_written(cast: Any, ana: Client, page: str, report: Report, entry: Any) -> None:
    assert ana.get(page).templates[0].name == "workplan/entry_edit.html"
    services.send_to_coordinator(report=report, actor=cast.ana)
    assert ana.get(page).templates[0].name == "workplan/entry_detail.html"
    assert ana.post(page, typed(entry)).status_code == 403
    assert stored(entry)[2] == 1


# --- check, send, approve ------------------------------------------------------------------------


def test_the_check_lists_exactly_what_is_missing(cast: Any, ana: Client, report: Report, entry: ReportEntry) -> None:
    answer(entry, cast.ana)
    answer(report.entries.get(activity__code="PRV-02"), cast.ana, narrative="")
    summary = ana.get(url("report_check", CR)).context["summary"]
    blank = set(report.entries.values_list("activity__code", flat=True)) - {"PRV-01", "PRV-02"}
    assert {a.code for a in summary.blank} == blank
    assert {a.code for a in summary.without_text} == {"PRV-02"}
    areas = ana.get(url("report_check", CR) + "?area=PRO").context["areas"]
    assert [area.code for area in areas] == ["PRO"]


def step(client: Client, user: Any, name: str) -> Any:
    return post_as(client, user, url("report_step", CR, name))


def test_steps_of_one_button(cast: Any, client: Client, report: Report) -> None:
    assert step(client, cast.bruno, "send_to_coordinator").status_code == 403
    assert step(client, cast.carla, "send_to_coordinator").status_code == 404
    assert step(client, cast.ana, "approve").status_code == 404
    for _ in range(2):  # a double click is one step
        assert step(client, cast.ana, "send_to_coordinator").status_code == 302
    assert StatusChange.objects.count() == 1
    assert client.get(report.get_absolute_url()).context["tag"][0] == "overdue"
    step(client, cast.ana, "take_back")
    report.refresh_from_db()
    assert report.status == "in_preparation"


def approval(client: Client, **changes: str) -> Any:
    address = url("report_approve", CR)
    initial = client.get(address).context["approval"].initial
    posted = {"seen": initial["seen"], "on_behalf_of": initial["on_behalf_of"].pk, "declaration": "on"}
    return client.post(address, {**posted, "do": "approve", **changes})


def test_approval_wants_the_declaration_and_ends_with_a_receipt(cast: Any, client: Client, report: Report) -> None:
    services.send_to_coordinator(report=report, actor=cast.ana)
    client.force_login(cast.beto)
    refused = approval(client, declaration="")
    assert (refused.status_code, report.versions.count()) == (422, 0)
    assert "<title>Error: " in refused.content.decode()
    response = approval(client)
    assert response.url == url("report_sent", CR)
    html = client.get(response.url).content.decode()
    assert CR in html
    assert report.versions.get().sha256 in html
    again = client.post(url("report_approve", CR), {"declaration": "on"})
    assert (again.url, report.versions.count()) == (response.url, 1)


def test_text_that_changed_while_being_read_is_not_approved(cast: Any, client: Client, report: Report) -> None:
    services.send_to_coordinator(report=report, actor=cast.ana)
    client.force_login(cast.beto)
    response = approval(client, seen="0" * 64)
    assert (response.status_code, report.versions.count()) == (422, 0)
    assert "answers changed" in response.content.decode()


def test_the_sender_does_not_approve(cast: Any, client: Client, report: Report) -> None:
    services.send_to_coordinator(report=report, actor=cast.beto)
    assert post_as(client, cast.beto, url("report_approve", CR), {"declaration": "on"}).status_code == 403
    assert "Another person approves it" in client.get(report.get_absolute_url()).content.decode()


def test_a_report_goes_back_to_its_author_with_a_note(cast: Any, client: Client, report: Report) -> None:
    services.send_to_coordinator(report=report, actor=cast.ana)
    address = url("report_approve", CR)
    assert post_as(client, cast.bruno, address, {"do": "return", "note": ""}).status_code == 422
    assert client.post(address, {"do": "return", "note": "Falta la PRV-02."}).status_code == 302
    client.force_login(cast.ana)
    assert "Falta la PRV-02." in client.get(report.get_absolute_url()).content.decode()


def test_the_approver_sees_what_changed_since_the_version_before(
    cast: Any, client: Client, report: Report, entry: ReportEntry
) -> None:
    answer(entry, cast.ana, narrative="Antes.")
    sent(report, cast.ana, cast.beto)
    services.return_report(report=report, actor=cast.denise, note="Say more.")
    entry.refresh_from_db()
    answer(entry, cast.ana, narrative="Ahora.")
    services.send_to_coordinator(report=report, actor=cast.ana)
    client.force_login(cast.beto)
    response = client.get(url("report_approve", CR))
    changed = [(a.code, [part.label for part in a.changes]) for a in response.context["changes"]]
    assert changed == [("PRV-01", ["What was done"])]
    html = response.content.decode()
    assert re.search(r"<del[^>]*>Antes\.</del>", html)
    assert re.search(r"<ins[^>]*>Ahora\.</ins>", html)


# --- questions and history -----------------------------------------------------------------------


def test_a_returned_report_opens_on_its_questions(cast: Any, ana: Client, report: Report, entry: ReportEntry) -> None:
    sent(report, cast.ana, cast.beto)
    question = services.ask_question(
        report=report, activity=entry.activity, field="results", text="How many?", actor=cast.denise
    )
    services.return_report(report=report, actor=cast.denise, note="One number is missing.")
    html = ana.get(report.get_absolute_url()).content.decode()
    assert html.index("One number is missing.") < html.index("How many?") < html.index("govuk-task-list")
    address = url("question_answer", CR, question.public_id)
    assert ana.post(address, {"text": " "}).status_code == 422
    assert ana.post(address, {"text": "Seis."}).url == report.get_absolute_url()
    question.refresh_from_db()
    assert (question.status, question.replies.get().text) == ("answered", "Seis.")


def test_the_history_inside_the_state_stays_there(cast: Any, client: Client, report: Report) -> None:
    services.send_to_coordinator(report=report, actor=cast.ana)
    services.return_to_author(report=report, actor=cast.beto, note="Nota interna.")
    sent(report, cast.ana, cast.beto)
    shown = {}
    for person in ("ana", "denise"):
        client.force_login(getattr(cast, person))
        events = client.get(url("report_history", CR)).context["events"]
        shown[person] = [event.title for event in events]
    approved = "Approved and sent to the Secretariat"
    author, coordinator = "Returned to the author", "Sent to the coordinator"
    assert shown == {"ana": [approved, coordinator, author, coordinator], "denise": [approved]}
    assert events[0].url == reverse("report_version", args=[CR, 1])
