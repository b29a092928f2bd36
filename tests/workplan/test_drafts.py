"""What is typed and not saved: kept raw, restored to its writer alone, gone once it is saved."""

import uuid
from typing import Any

import pytest
from django.test import Client

from core.models import AuditEvent
from tests.factories.workplan import answer
from tests.workplan.pages import CAMPAIGN, post_as, typed, url
from workplan import services
from workplan.models import EntryDraft, Report, ReportEntry

CR = "CR-2014-1"


@pytest.fixture
def entry(open_round: Any) -> ReportEntry:
    return Report.objects.get(reference=CR).entries.get(activity__code="PRV-01")


@pytest.fixture
def page(entry: ReportEntry) -> str:
    return url("entry_edit", CR, "PRV-01")


@pytest.fixture
def autosave(entry: ReportEntry) -> str:
    return url("entry_autosave", CR, "PRV-01")


@pytest.fixture
def ana(cast: Any, client: Client) -> Client:
    client.force_login(cast.ana)
    return client


class Window:
    """A page of the entry as it stands in somebody's browser."""

    def __init__(self, client: Client, address: str) -> None:
        self.client, self.address, self.sequence = client, address, 0
        self.response = client.get(address)
        context = self.response.context
        self.form, self.rows, self.mark = context["form"], context["actions"], context["mark"]

    def posted(self, **changes: Any) -> dict[str, Any]:
        self.sequence += 1
        marks = {"page": str(self.mark.page), "follows": self.mark.follows, "sequence": str(self.sequence)}
        version = str(self.form["version"].value())
        entry = self.response.context["entry"]
        return {**typed(entry), **marks, "version": version, **changes}

    def autosave(self, **changes: Any) -> Any:
        return self.client.post(f"{self.address}autosave/", self.posted(**changes))

    def save(self, **changes: Any) -> Any:
        return self.client.post(self.address, self.posted(**changes))

    @property
    def shown(self) -> str:
        return str(self.form["narrative"].value())


def kept(user: Any) -> list[str]:
    return [draft.answer["narrative"][0] for draft in EntryDraft.objects.visible_to(user)]


def test_what_is_typed_is_kept_raw_and_comes_back(cast: Any, ana: Client, page: str, entry: ReportEntry) -> None:
    half = {"actions-0-kind": "campaign", "actions-0-title": "", "actions-0-starts_on_0": "31"}
    more = {"actions-TOTAL_FORMS": "3", "actions-2-title": "Sin fecha", "obstacle_kinds": ["legal", "funding"]}
    response = Window(ana, page).autosave(narrative="x" * 5000, status="", results="No\x00 vale", **half, **more)
    assert (response.status_code, list(response.json())) == (200, ["time"])
    entry.refresh_from_db()
    assert (entry.narrative, entry.version, entry.actions.count()) == ("", 1, 0)
    window = Window(ana, page)
    assert window.shown == "x" * 5000
    assert window.form["results"].value() == "No vale"
    assert window.form["obstacle_kinds"].value() == ["legal", "funding"]
    shown = [(row["kind"].value(), row["title"].value(), row["starts_on"].value()[0]) for row in list(window.rows)[:2]]
    assert shown == [("campaign", "", "31"), (None, "Sin fecha", None)]
    assert "What you typed on" in window.response.content.decode()


def test_a_draft_is_its_writers_alone(cast: Any, client: Client, ana: Client, page: str) -> None:
    Window(ana, page).autosave(narrative="Solo de Ana.")
    client.force_login(cast.beto)
    assert "Solo de Ana." not in client.get(page).content.decode()
    assert (kept(cast.beto), kept(cast.ana)) == ([], ["Solo de Ana."])


def test_saving_ends_the_draft_and_a_late_autosave_does_not_bring_it_back(
    cast: Any, ana: Client, page: str, entry: ReportEntry
) -> None:
    window = Window(ana, page)
    late = window.posted(narrative="A medias")
    assert window.save(narrative="Entera.").status_code == 302
    assert ana.post(f"{page}autosave/", late).status_code == 200
    assert kept(cast.ana) == []
    assert Window(ana, page).shown == "Entera."


def test_a_late_autosave_does_not_replace_a_newer_one(cast: Any, ana: Client, page: str) -> None:
    window = Window(ana, page)
    late = window.posted(narrative="A med")
    window.autosave(narrative="A medias")
    ana.post(f"{page}autosave/", late)
    assert kept(cast.ana) == ["A medias"]


def test_two_windows_of_one_person_do_not_replace_each_other(
    cast: Any, ana: Client, page: str, entry: ReportEntry
) -> None:
    first, second = Window(ana, page), Window(ana, page)
    first.autosave(narrative="En la primera.")
    refused = second.autosave(narrative="En la segunda.")
    assert (refused.status_code, "another window" in refused.json()["message"]) == (409, True)
    assert second.save(narrative="En la segunda.").status_code == 302
    assert kept(cast.ana) == ["En la primera."]
    again = Window(ana, page)
    assert again.shown == "En la primera."
    conflict = again.save(narrative=again.shown)
    assert conflict.status_code == 409
    part = conflict.context["parts"][0]
    assert (part.mine, part.theirs) == (["En la primera."], ["En la segunda."])


def test_a_restored_draft_follows_the_window_it_came_from(cast: Any, ana: Client, page: str) -> None:
    Window(ana, page).autosave(narrative="Uno.")
    window = Window(ana, page)
    assert window.autosave(narrative="Uno. Dos.").status_code == 200
    assert kept(cast.ana) == ["Uno. Dos."]


def test_a_discarded_draft_can_be_brought_back(cast: Any, ana: Client, page: str) -> None:
    Window(ana, page).autosave(narrative="Borrador.")
    assert ana.post(f"{page}draft/", {"do": "discard"}).url == page
    window = Window(ana, page)
    assert window.shown == ""
    assert "You discarded what you typed" in window.response.content.decode()
    ana.post(f"{page}draft/", {"do": "restore"})
    assert Window(ana, page).shown == "Borrador."


@pytest.mark.parametrize("changes", [{"results": "x" * 2001}, {"status": "not_applicable", "reason": ""}])
def test_a_form_that_is_refused_is_kept_without_javascript_too(
    cast: Any, ana: Client, page: str, entry: ReportEntry, changes: dict[str, str]
) -> None:
    assert ana.post(page, typed(entry, narrative="Conservado.", **changes)).status_code == 422
    assert kept(cast.ana) == ["Conservado."]


def test_a_conflict_that_is_left_is_there_again(cast: Any, ana: Client, page: str, entry: ReportEntry) -> None:
    window = Window(ana, page)
    answer(entry, cast.beto, narrative="De Beto.")
    assert window.save(narrative="De Ana.").status_code == 409
    again = Window(ana, page)
    assert again.shown == "De Ana."
    assert "Beto" in again.response.content.decode()
    assert again.save(narrative=again.shown).status_code == 409
    entry.refresh_from_db()
    assert (entry.narrative, entry.version) == ("De Beto.", 2)


def test_a_draft_leaves_no_word_in_the_trail(cast: Any, ana: Client, page: str) -> None:
    before = AuditEvent.objects.count()
    Window(ana, page).autosave(narrative="Secreto.")
    assert AuditEvent.objects.count() == before
    Window(ana, page).save(narrative="Secreto.")
    assert not any("Secreto" in str(event.data) for event in AuditEvent.objects.all())


BROKEN: list[dict[str, Any]] = [
    {"version": ""},
    {"version": "0"},
    {"version": str(2**40)},
    {"page": "no"},
    {"sequence": "-1"},
    {"follows": "x" * 61},
    {"narrative": "x" * 200_001},
]


@pytest.mark.parametrize("changes", BROKEN)
def test_what_no_page_of_ours_sends_is_refused(cast: Any, ana: Client, page: str, changes: dict[str, Any]) -> None:
    assert Window(ana, page).autosave(**changes).status_code == 422
    assert kept(cast.ana) == []


def test_only_the_names_of_an_entry_are_kept(cast: Any, ana: Client, page: str) -> None:
    Window(ana, page).autosave(**{"csrfmiddlewaretoken": "x", "more": "y", "actions-TOTAL_FORMS": "9" * 5000})
    draft = EntryDraft.objects.get()
    assert {"csrfmiddlewaretoken", "more", "version", "page"}.isdisjoint(draft.answer)
    assert ana.get(page).status_code == 200


def test_who_may_not_write_keeps_nothing(cast: Any, client: Client, autosave: str, entry: ReportEntry) -> None:
    data = {**typed(entry, CAMPAIGN), "page": str(uuid.uuid4()), "sequence": "1", "follows": ""}
    statuses = {name: post_as(client, getattr(cast, name), autosave, data).status_code for name in ("bruno", "carla")}
    assert statuses == {"bruno": 403, "carla": 404}
    services.send_to_coordinator(report=entry.report, actor=cast.ana)
    assert post_as(client, cast.ana, autosave, data).status_code == 403
    assert EntryDraft.objects.count() == 0


def test_an_autosave_from_before_the_conflict_comes_too_late(
    cast: Any, ana: Client, page: str, entry: ReportEntry
) -> None:
    window = Window(ana, page)
    late = window.posted(narrative="A medias")
    answer(entry, cast.beto, narrative="De Beto.")
    conflict = window.save(narrative="De Ana.")
    parts = {part.choice.html_name: "mine" for part in conflict.context["parts"]}
    marks = {"page": str(conflict.context["mark"].page), "follows": conflict.context["mark"].follows, "sequence": "1"}
    names = [part.choice.name for part in conflict.context["parts"]]
    chosen = {**dict(conflict.context["typed"]), **parts, **marks, "version": "2", "conflict": names}
    assert ana.post(page, chosen).status_code == 302
    assert ana.post(f"{page}autosave/", late).status_code == 200
    assert kept(cast.ana) == []
    assert Window(ana, page).shown == "De Ana."


def decided(conflict: Any, **choices: str) -> dict[str, Any]:
    """The page of two texts as it is posted: mine in every part, or nothing chosen."""
    mark, parts = conflict.context["mark"], conflict.context["parts"]
    marks = {"page": str(mark.page), "follows": mark.follows, "sequence": "1", "version": "2"}
    return {**dict(conflict.context["typed"]), **marks, "conflict": [p.choice.name for p in parts], **choices}


def test_a_choice_shown_again_ends_only_the_text_that_it_showed(
    cast: Any, ana: Client, page: str, entry: ReportEntry
) -> None:
    window = Window(ana, page)
    answer(entry, cast.beto, narrative="De Beto.")
    conflict = window.save(narrative="De Ana.")
    assert Window(ana, page).autosave(narrative="De Ana. Más.").status_code == 200
    again = ana.post(page, decided(conflict))
    assert again.status_code == 422
    mine = {part.choice.html_name: "mine" for part in again.context["parts"]}
    assert ana.post(page, decided(again, **mine)).status_code == 302
    assert kept(cast.ana) == ["De Ana. Más."]


def test_a_page_sent_again_from_the_history_is_kept_without_javascript(
    cast: Any, ana: Client, page: str, entry: ReportEntry
) -> None:
    posted = {**Window(ana, page).posted(narrative="Uno."), "sequence": "0"}
    assert ana.post(page, posted).status_code == 302
    assert ana.post(page, {**posted, "narrative": "Uno. Dos."}).status_code == 409
    assert kept(cast.ana) == ["Uno. Dos."]
