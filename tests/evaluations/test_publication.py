"""Elements for a second Work Plan with their versions, and what is given to the public by a second person."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx as word
import pytest
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from core.jobs import create_job
from core.models import AuditEvent, OutboxMessage
from evaluations import services
from evaluations.delivery import pack as pack_module
from evaluations.delivery import pipeline
from evaluations.delivery.content import Content
from evaluations.delivery.data import write_json
from evaluations.models import Conclusion, Document, Element, Evaluation, Meeting, Publication, Snapshot
from evaluations.presenters.elements import element_page
from evaluations.queries.figures import summarize
from evaluations.queries.snapshot import build_snapshot
from tests.conftest import owner_cursor
from tests.factories.evaluations import consulted, make_evaluation, publish
from tests.support import form_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def evaluation(cast: Any, settings: Any, tmp_path: Path) -> Evaluation:
    settings.MEDIA_ROOT = tmp_path
    return make_evaluation(cast, accepted=3, submitted=1, formats=("csv", "json"))


@pytest.fixture
def built(evaluation: Evaluation, cast: Any) -> Evaluation:
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    pipeline.build(OutboxMessage.objects.get(job=job), str(evaluation.public_id))
    evaluation.refresh_from_db()
    return evaluation


def code_of(evaluation: Evaluation) -> str:
    return evaluation.round.catalogue.activities.earliest("position").code


def save(evaluation: Evaluation, actor: Any, key: str, seen: int, **changes: Any) -> Element:
    values = {"suggestion": "amend", "text": "Precisar los plazos.", "language": "es", "is_draft": False, **changes}
    return services.save_element(evaluation=evaluation, key=key, seen=seen, actor=actor, **values)


def version_url(evaluation: Evaluation, key: str, number: int) -> str:
    return reverse("element_version", args=[evaluation.public_id, key, number])


# --- elements -------------------------------------------------------------


def test_documents_print_the_last_version_that_is_no_draft(evaluation: Evaluation, cast: Any) -> None:
    code = code_of(evaluation)
    save(evaluation, cast.denise, code, 0)
    save(evaluation, cast.didier, code, 1, text="Segundo texto.")
    save(evaluation, cast.denise, code, 2, text="Todavía un borrador.", is_draft=True)
    save(evaluation, cast.denise, "N1", 0, suggestion="new", text="Una actividad nueva.")
    save(evaluation, cast.denise, "N2", 0, suggestion="new", text="Borrador.", is_draft=True)
    for key in ("N10", "N9"):
        save(evaluation, cast.denise, key, 0, suggestion="new", text=key)
    found = [(row["key"], row["text"]) for row in build_snapshot(evaluation)["elements"]]
    assert found == [(code, "Segundo texto."), ("N1", "Una actividad nueva."), ("N9", "N9"), ("N10", "N10")]
    assert Element.objects.filter(key=code).count() == 3


def test_what_somebody_else_saved_is_not_passed_over(evaluation: Evaluation, cast: Any, client: Client) -> None:
    code = code_of(evaluation)
    save(evaluation, cast.didier, code, 0, text="De otra persona.")
    client.force_login(cast.denise)
    address = reverse("element_edit", args=[evaluation.public_id, code])
    answer = client.post(address, {"seen": 0, "suggestion": "close", "text": "Mi texto.", "language": "es"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Mi texto." in page
    assert "De otra persona." in page
    assert Element.objects.count() == 1
    assert client.post(address, form_of(page, "suggestion")).status_code == 302
    assert Element.objects.get(number=2).text == "Mi texto."


def test_editor_saves_drafts_and_final_texts(evaluation: Evaluation, cast: Any, client: Client) -> None:
    client.force_login(cast.denise)
    address = reverse("element_edit", args=[evaluation.public_id, code_of(evaluation)])
    data = {"seen": 0, "suggestion": "merge", "merge_into": "PRV-02", "text": "Con PRV-02.", "language": "es"}
    itself = {"merge_into": code_of(evaluation)}
    for wrong in ({"text": ""}, {"merge_into": ""}, {"merge_into": "PRV-99"}, itself, {"suggestion": "keep"}):
        assert client.post(address, {**data, **wrong}).status_code == 422
    assert client.post(address, data).status_code == 302
    assert client.post(address, {**data, "seen": 1, "final": "1"}).status_code == 302
    assert list(Element.objects.values_list("number", "is_draft")) == [(1, True), (2, False)]
    new = reverse("element_edit", args=[evaluation.public_id, "N1"])
    assert client.post(new, {**data, "suggestion": "keep"}).status_code == 422
    assert client.get(reverse("element_edit", args=[evaluation.public_id, "XXX"])).status_code == 404
    listed = client.get(reverse("element_list", args=[evaluation.public_id])).content.decode()
    assert "Merge with another: PRV-02" in " ".join(listed.split())


def test_database_keeps_versions_apart_and_new_ones_in_their_own_keys(evaluation: Evaluation, cast: Any) -> None:
    code = code_of(evaluation)
    row = {"evaluation": evaluation, "language": "es", "by": cast.denise, "number": 1, "text": "x"}
    Element.objects.create(key=code, suggestion="amend", **row)
    wrong = [
        {"key": code, "suggestion": "amend", "number": 2, "restored_from": 2},
        {"key": code, "suggestion": "merge", "number": 2},
        {"key": code, "suggestion": "keep", "number": 2, "is_withdrawn": True},
        {"key": code, "suggestion": "keep", "number": 2, "merge_into": "PRV-02"},
        {"key": code, "suggestion": "merge", "number": 2, "merge_into": code},
        {"key": code, "suggestion": "amend"},
        {"key": "N1", "suggestion": "keep"},
        {"key": code, "suggestion": "new"},
    ]
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Element.objects.create(**{**row, **values})
    with pytest.raises(IntegrityError), transaction.atomic():
        Element.objects.create(key="PRV-09", suggestion="amend", **{**row, "text": ""})


def test_an_earlier_version_is_read_compared_and_restored(evaluation: Evaluation, cast: Any, client: Client) -> None:
    code = code_of(evaluation)
    save(evaluation, cast.denise, code, 0, text="Precisar los plazos y los fondos.")
    save(evaluation, cast.didier, code, 1, text="Precisar los plazos y las metas.", suggestion="close", is_draft=True)
    client.force_login(cast.denise)
    page = client.get(version_url(evaluation, code, 2)).content.decode()
    for words in ('<del lang="es">los fondos</del>', '<ins lang="es">las metas</ins>', "<del>Amend</del>"):
        assert words in page
    earlier = client.get(version_url(evaluation, code, 1)).content.decode()
    assert "Precisar los plazos y los fondos." in earlier
    assert "From version 1 to version 2" in earlier
    assert f"{code} v1" not in earlier  # at the foot stands the version of the portal
    save(evaluation, cast.didier, code, 2, text="Escrito mientras tanto.")
    address = reverse("element_restore", args=[evaluation.public_id, code, 1])
    stale = client.post(address, form_of(earlier, "seen"), follow=True).content.decode()
    assert "Somebody else has saved this meanwhile." in stale
    assert "Escrito mientras tanto." in stale
    assert Element.objects.count() == 3
    earlier = client.get(version_url(evaluation, code, 1)).content.decode()
    assert client.post(address, form_of(earlier, "seen")).url == version_url(evaluation, code, 4)
    rows = list(Element.objects.order_by("number").values_list("text", "suggestion", "is_draft", "restored_from"))
    assert rows[3] == ("Precisar los plazos y los fondos.", "amend", False, 1)
    assert [row[0] for row in rows[1:3]] == ["Precisar los plazos y las metas.", "Escrito mientras tanto."]
    assert "These two versions say the same." in client.get(
        version_url(evaluation, code, 4), {"with": 1}
    ).content.decode()  # fmt: skip


def refusal(evaluation: Evaluation, actor: Any, key: str, **changes: Any) -> str:
    seen = Element.objects.filter(key=key).count()
    with pytest.raises(services.StepRefused) as refused:
        save(evaluation, actor, key, seen, **changes)
    return str(refused.value.message)


def test_what_something_is_merged_with_stays(evaluation: Evaluation, cast: Any) -> None:
    """Whichever of the two is written first, and whether drafts say it or what documents print."""
    into = {"suggestion": "merge", "merge_into": "PRV-02"}
    save(evaluation, cast.denise, "PRV-01", 0, **into)
    assert "PRV-02" not in {row["key"] for row in build_snapshot(evaluation)["elements"]}  # nothing need be said of it
    for other in ({"suggestion": "close"}, {"suggestion": "merge", "merge_into": "PRV-03"}):
        assert "These are to be merged with this one: PRV-01 " in refusal(
            evaluation, cast.denise, "PRV-02", is_draft=True, **other
        )
    save(evaluation, cast.denise, "PRV-01", 1, is_draft=True)  # documents still print the merge
    refusal(evaluation, cast.denise, "PRV-02", suggestion="close")
    save(evaluation, cast.denise, "PRV-01", 2)
    save(evaluation, cast.denise, "PRV-02", 0, suggestion="close", is_draft=True)
    assert "is itself to be closed or merged" in refusal(evaluation, cast.denise, "PRV-01", **into)
    for target in ("PRV-01", "PRV-99", "N1", ""):
        words = refusal(evaluation, cast.denise, "PRV-01", suggestion="merge", merge_into=target)
        assert words.startswith("Choose another activity of this plan")


def test_a_merge_for_the_documents_needs_what_documents_print(evaluation: Evaluation, cast: Any) -> None:
    into = {"suggestion": "merge", "merge_into": "N1"}
    save(evaluation, cast.denise, "N1", 0, suggestion="new", text="Un registro común.", is_draft=True)
    save(evaluation, cast.denise, "PRV-01", 0, is_draft=True, **into)
    assert "is still a draft" in refusal(evaluation, cast.denise, "PRV-01", **into)
    save(evaluation, cast.denise, "N1", 1, suggestion="new", text="Un registro común.")
    save(evaluation, cast.denise, "PRV-01", 1, **into)
    rows = [(row["key"], row["merge_into"]) for row in build_snapshot(evaluation)["elements"]]
    assert rows == [("PRV-01", "N1"), ("N1", "")]


def test_what_was_entered_by_mistake_is_withdrawn_and_brought_back(
    evaluation: Evaluation, cast: Any, client: Client
) -> None:
    for key in ("N1", "N2"):
        save(evaluation, cast.denise, key, 0, suggestion="new", text=f"Texto de {key}.")
    save(evaluation, cast.denise, "N2", 1, suggestion="new", text="Un borrador.", is_draft=True)
    client.force_login(cast.didier)
    page = client.get(reverse("element_edit", args=[evaluation.public_id, "N2"])).content.decode()
    withdraw = reverse("element_withdraw", args=[evaluation.public_id, "N2"])
    stale = client.post(withdraw, {"seen": 1}, follow=True).content.decode()
    assert "Read their version first." in stale
    gone = client.post(withdraw, {"seen": 2}, follow=True).content.decode()
    assert "no document prints it, and its number is not used again." in gone
    assert [row["key"] for row in build_snapshot(evaluation)["elements"]] == ["N1"]
    listed = client.get(reverse("element_list", args=[evaluation.public_id])).content.decode()
    assert "Withdrawn" in listed
    assert reverse("element_edit", args=[evaluation.public_id, "N3"]) in listed
    edit = client.get(reverse("element_edit", args=[evaluation.public_id, "N2"]))
    assert (withdraw in page, edit.url) == (True, version_url(evaluation, "N2", 3))
    assert "Bring it back first." in refusal(evaluation, cast.denise, "N2", suggestion="new")
    for number in (1, 2):
        with pytest.raises(services.StepRefused):
            services.restore_element(evaluation=evaluation, key="N2", number=number, seen=3, actor=cast.denise)
    words = refusal(evaluation, cast.denise, "PRV-01", suggestion="merge", merge_into="N2", is_draft=True)
    assert words.startswith("Choose another activity")
    client.post(reverse("element_bring_back", args=[evaluation.public_id, "N2"]), form_of(gone, "seen"))
    rows = Element.objects.filter(key="N2").order_by("number")
    assert list(rows.values_list("text", "is_draft", "is_withdrawn")) == [
        ("Texto de N2.", False, False), ("Un borrador.", True, False),
        ("Un borrador.", True, True), ("Un borrador.", True, False),
    ]  # fmt: skip
    found = [(row["key"], row["text"]) for row in build_snapshot(evaluation)["elements"]]
    assert found == [("N1", "Texto de N1."), ("N2", "Texto de N2.")]  # as before: the draft is still one
    events = AuditEvent.objects.filter(verb__startswith="evaluation.element_").exclude(verb__endswith="saved")
    assert list(events.order_by("pk").values_list("verb", "data__element", "data__version")) == [
        ("evaluation.element_withdrawn", "N2", "3"), ("evaluation.element_brought_back", "N2", "4"),
    ]  # fmt: skip


def test_what_others_are_merged_with_and_what_is_in_the_plan_are_not_withdrawn(
    evaluation: Evaluation, cast: Any
) -> None:
    save(evaluation, cast.denise, "N7", 0, suggestion="new", text="Un registro.")
    save(evaluation, cast.denise, "PRV-01", 0, suggestion="merge", merge_into="N7")
    for key, words in (("N7", "These are to be merged with this one: PRV-01"), ("PRV-01", "Only what is suggested as")):
        with pytest.raises(services.StepRefused, match=words):
            services.withdraw_element(evaluation=evaluation, key=key, seen=1, actor=cast.denise)
    with pytest.raises(services.StepRefused, match="This is not withdrawn"):
        services.bring_back_element(evaluation=evaluation, key="N7", seen=1, actor=cast.denise)
    assert element_page(evaluation, Element.objects.last_versions())["next_key"] == "N8"  # gaps stay


@pytest.fixture
def unruled(transactional_db: None) -> Iterator[None]:
    """As the table was before a merge had to say with what: the owner takes the rule away and puts it back."""
    rule = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'element_merge_has_target'"
    with owner_cursor() as cursor:
        cursor.execute(rule)
        (words,) = cursor.fetchone()
        assert words.endswith(" NOT VALID")
        cursor.execute("ALTER TABLE evaluations_element DROP CONSTRAINT element_merge_has_target")
        yield
        cursor.execute(f"ALTER TABLE evaluations_element ADD CONSTRAINT element_merge_has_target {words}")


@pytest.mark.usefixtures("unruled")
def test_a_merge_of_before_is_read_and_not_repeated(evaluation: Evaluation, cast: Any, client: Client) -> None:
    row = {"evaluation": evaluation, "key": "PRV-01", "language": "es", "by": cast.denise, "text": "Con otra."}
    Element.objects.create(suggestion="merge", number=1, is_draft=False, **row)
    Element.objects.create(suggestion="keep", number=2, is_draft=True, **row)
    client.force_login(cast.denise)
    page = client.get(version_url(evaluation, "PRV-01", 1)).content.decode()
    assert "Merge with another: with which one is not recorded" in page
    with pytest.raises(services.StepRefused):
        services.restore_element(evaluation=evaluation, key="PRV-01", number=1, seen=2, actor=cast.denise)
    frozen = build_snapshot(evaluation)
    del frozen["elements"][0]["merge_into"]  # as it was frozen before
    snapshot = Snapshot(evaluation=evaluation, content=frozen, content_hash="0" * 64, cutoff_at=timezone.now())
    content = Content(evaluation, snapshot, summarize(frozen), "en")
    assert [row["merged_with"] for row in content.elements] == ["with which one is not recorded"]
    assert json.loads(write_json(content))["elements"][0]["merge_into"] is None
    frozen["elements"][0]["merge_into"] = "PRV-02"
    with override("en"):
        printed = render_to_string("evaluations/document/elements.html", {"c": content, "chapter": {}})
    assert "Merge with another: PRV-02 " in printed


def test_officers_of_the_meeting_read_versions_and_restore_none(
    evaluation: Evaluation, cast: Any, client: Client
) -> None:
    code = code_of(evaluation)
    save(evaluation, cast.denise, code, 0)
    save(evaluation, cast.denise, code, 1, text="Otro texto.")
    client.force_login(cast.evan)
    listed = client.get(reverse("element_list", args=[evaluation.public_id])).content.decode()
    assert version_url(evaluation, code, 2) in listed
    page = client.get(version_url(evaluation, code, 1)).content.decode()
    assert "Precisar los plazos." in page
    assert "Restore this version" not in page
    address = reverse("element_restore", args=[evaluation.public_id, code, 1])
    assert client.post(address, {"seen": 2}).status_code == 403
    wrong = [({}, 3), ({"with": "3"}, 1), ({"with": "x"}, 1)]
    assert {client.get(version_url(evaluation, code, number), query).status_code for query, number in wrong} == {404}


# --- publication ----------------------------------------------------------


def test_second_person_publishes(built: Evaluation, cast: Any, client: Client) -> None:
    consulted(built, cast)
    with pytest.raises(services.NotAllowed):
        services.publish(evaluation=built, actor=cast.denise)  # she generated it
    client.force_login(cast.didier)
    answer = client.post(reverse("evaluation_publish", args=[built.public_id]))
    published = Publication.objects.get()
    assert (answer.status_code, answer.url) == (302, published.get_absolute_url())
    assert (published.generated_by, published.published_by) == (cast.denise, cast.didier)
    with pytest.raises(services.StepRefused):
        services.publish(evaluation=built, actor=cast.didier)


def test_nothing_is_published_before_there_is_something(evaluation: Evaluation, cast: Any) -> None:
    with pytest.raises(services.StepRefused):
        services.publish(evaluation=evaluation, actor=cast.didier)


def test_database_wants_a_second_person_and_knows_who_was_the_first(evaluation: Evaluation, cast: Any) -> None:
    """Whoever asked for the build is its first person, whatever an insertion says."""
    other = services.create_evaluation(
        round=evaluation.round, compared_round=None, symbol="RTP-IV/doc.7/14", original_language="es", actor=cast.denise
    )
    snapshot = Snapshot.objects.create(
        evaluation=evaluation, job=create_job(kind=services.KIND, actor=cast.denise), content={},
        content_hash="0" * 64, cutoff_at=timezone.now(),
    )  # fmt: skip
    right = {"evaluation": evaluation, "snapshot": snapshot, "generated_by": cast.denise, "published_by": cast.didier}
    wrong = [
        {"published_by": cast.denise},
        {"generated_by": cast.didier, "published_by": cast.denise},
        {"evaluation": other},
    ]
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Publication.objects.create(**{**right, **values})
    Publication.objects.create(**right)


def addresses(of: Evaluation) -> list[str]:
    return [
        reverse("publication_detail", args=[of.public_id]),
        reverse("publication_file", args=[of.public_id, "fr", "csv"]),
        reverse("publication_pack", args=[of.public_id]),
    ]


def read(client: Client, address: str) -> tuple[int, bytes]:
    answer = client.get(address)
    return answer.status_code, b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_public_reads_what_is_published_and_nothing_before(built: Evaluation, cast: Any) -> None:
    client = Client()
    assert [read(client, address)[0] for address in addresses(built)] == [404, 404, 404]
    assert built.symbol not in read(client, reverse("publication_list"))[1].decode()
    publish(built, cast)
    assert [read(client, address)[0] for address in addresses(built)] == [200, 200, 200]
    assert built.symbol in read(client, reverse("publication_list"))[1].decode()


def test_later_build_stays_inside(built: Evaluation, cast: Any) -> None:
    publish(built, cast)
    before = read(Client(), addresses(built)[1])[1]
    save(built, cast.denise, code_of(built), 0)
    job = services.request_build(evaluation=built, actor=cast.denise)
    pipeline.build(OutboxMessage.objects.get(job=job), str(built.public_id))
    assert Document.objects.count() == 16
    assert read(Client(), addresses(built)[1])[1] == before


def test_meeting_pack_holds_every_file_and_their_fingerprints(
    built: Evaluation, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what each is in words, and the register of the Meetings; written once, and again when that says more."""
    publish(built, cast)
    body = read(Client(), addresses(built)[2])[1]
    with zipfile.ZipFile(io.BytesIO(body)) as pack:
        sums = dict(reversed(line.split("  ")) for line in pack.read("SHA256SUMS").decode().splitlines())
        found = {name: hashlib.sha256(pack.read(name)).hexdigest() for name in pack.namelist() if name != "SHA256SUMS"}
        rights = {entry.external_attr >> 16 for entry in pack.infolist()}
        words = pack.read("list_fr.txt").decode("utf-8-sig")
        register = word.Document(io.BytesIO(pack.read("register_es.docx")))
    assert found == sums
    assert rights == {0o644}
    languages = ("es", "en", "fr", "pt-br")
    extra = {f"{name}_{code}.{kind}" for name, kind in (("list", "txt"), ("register", "docx")) for code in languages}
    files = {f"RTP-IV_doc.6_14_{code}.{kind}" for kind in ("csv", "json") for code in languages}
    assert set(found) == extra | files
    assert all(f"{name}\r\n" in words and found[name] in words for name in found if name[:4] != "list")
    headings = [paragraph.text for paragraph in register.paragraphs if paragraph.style.name == "Heading 1"]
    assert len(headings) == Meeting.objects.count() == 4
    monkeypatch.setattr(pack_module, "_write", None)  # what is kept is given again
    assert read(Client(), addresses(built)[2])[1] == body
    monkeypatch.undo()
    conclusion = Conclusion.objects.exclude(responsible="").first()
    step = {"status": "under_way", "text": "Una línea.", "language": "es", "who": "", "due_on": None}
    services.follow_up(conclusion=conclusion, **step, actor=cast.denise)
    assert "Una línea." in register_text(read(Client(), addresses(built)[2])[1])


def register_text(body: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(body)) as pack:
        document = word.Document(io.BytesIO(pack.read("register_es.docx")))
    return "\n".join(paragraph.text for paragraph in document.paragraphs)
