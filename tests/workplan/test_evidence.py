"""Evidence of an entry: attached, checked behind the page, seen and downloaded by exactly whom it concerns."""

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, transaction
from django.db.models.fields.files import FieldFile
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.canonical import content_hash
from core.checked_files import recheck_files
from core.exceptions import NotAllowed, PortalError, StaleVersion
from core.models import AuditEvent, OutboxMessage
from core.sanitize.kinds import Code, Removed
from tests.core.clamd_peer import Peer
from tests.factories.files import EICAR, bomb, docx, pdf, png
from tests.factories.workplan import answer, submit
from workplan import services, tasks
from workplan.enums import Refusal, RemovedPart
from workplan.models import Evidence, Report, ReportEntry, ReportVersion
from workplan.queries import report_content

PDF = pdf()
NOBODYS = "00000000-0000-4000-8000-000000000000"
PEOPLE = ("ana", "beto", "bruno", "marta", "carla", "ciro", "denise", "didier", "evan", "paula", "iris")


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def report(open_round: Any) -> Report:
    return Report.objects.get(reference="CR-2014-1")


@pytest.fixture
def entry(report: Report) -> ReportEntry:
    return report.entries.select_related("activity", "report__round", "report__state").first()


def described(**fields: str) -> services.EvidenceData:
    defaults = {"type": "law", "title": "Ley 9095", "language": "es", "visibility": "secretariat"}
    return services.EvidenceData(**{**defaults, **fields})


def attach(
    entry: ReportEntry, actor: Any, content: bytes | None = None, name: str = "ley.pdf", **fields: str
) -> Evidence:
    return services.attach_file(entry=entry, data=described(**fields), name=name, content=content or PDF, actor=actor)


def run_check(evidence: Evidence) -> Evidence:
    message = OutboxMessage.objects.get(key=f"evidence:{evidence.pk}")
    tasks.process_evidence(str(message.pk), *message.args)
    evidence.refresh_from_db()
    return evidence


def checked(entry: ReportEntry, actor: Any, **options: Any) -> Evidence:
    return run_check(attach(entry, actor, **options))


def one_text(number: int) -> bytes:
    return f"Documento {number}".encode()


def post(client: Client, entry: ReportEntry, name: str, content: bytes, **extra: Any) -> HttpResponseBase:
    data = {
        "file": SimpleUploadedFile(name, content),
        "title": "Mi título",
        "type": "law",
        "language": "es",
        "visibility": "secretariat",
        **extra,
    }
    return client.post(reverse("evidence_add", args=[entry.report.reference, entry.activity.code]), data)


def download(client: Client, evidence: Evidence) -> SimpleNamespace:
    response = client.get(reverse("evidence_download", args=[evidence.public_id]))
    content = b"".join(response) if response.streaming else response.content
    for close in response._resource_closers:  # not response.close(): that would end the test's connection as well
        close()
    return SimpleNamespace(status_code=response.status_code, headers=response.headers, content=content)


def stored(file: FieldFile) -> bytes:
    with file.open() as opened:
        content: bytes = opened.read()
    return content


# --- attaching -----------------------------------------------------------------------------------


def test_a_file_goes_through_quarantine_and_check_to_a_download(
    client: Client, cast: SimpleNamespace, entry: ReportEntry
) -> None:
    client.force_login(cast.ana)
    response = post(client, entry, "Ley 9095.pdf", PDF, title="")
    assert response.status_code == 302
    assert response["Location"] == f"{entry.get_absolute_url()}#evidence"
    evidence = Evidence.objects.get()
    assert (evidence.title, evidence.scan_state, evidence.kind) == ("Ley 9095.pdf", "pending", "pdf")
    assert evidence.original.name.startswith("quarantine/")
    assert stored(evidence.original) == PDF
    page = client.get(entry.get_absolute_url()).content.decode()
    assert "Being checked" in page
    assert reverse("evidence_table", args=["CR-2014-1", entry.activity.code]) in page
    assert download(client, evidence).status_code == 404

    run_check(evidence)

    assert (evidence.scan_state, evidence.removed_parts) == ("not_scanned", ["metadata"])
    fragment = client.get(reverse("evidence_table", args=["CR-2014-1", entry.activity.code])).content.decode()
    assert "Not scanned for viruses" in fragment
    assert "hx-trigger" not in fragment
    assert "author, dates, place" in fragment
    response = download(client, evidence)
    assert response.content == stored(evidence.served) != PDF
    assert {name: response.headers[name] for name in ("Content-Disposition", "Content-Type", "Cache-Control")} == {
        "Content-Disposition": 'attachment; filename="Ley 9095.pdf"',
        "Content-Type": "application/pdf",
        "Cache-Control": "no-store, private",
    }
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    trail = AuditEvent.objects.filter(object_id=str(evidence.public_id)).order_by("seq")
    assert list(trail.values_list("chain", "verb", "actor", "system")) == [
        ("CR", "evidence.attached", cast.ana.pk, ""),
        ("CR", "evidence.not_scanned", None, "evidence"),
        ("CR", "evidence.downloaded", cast.ana.pk, ""),
    ]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("ley.pdf", b"", "The file is empty."),
        ("ley.exe", b"MZ", "Files of this type are not accepted."),
        ("ley.pdf", png(), "The content of the file is not what its name says."),
        ("ley.pdf", b"%PDF-" + bytes(10 * 1024 * 1024), "The file is larger than 10 MB."),
        ("ley.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "by a password"),
        ("ley.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office format"),
    ],
)
def test_what_can_be_told_at_once_is_told_in_the_form(
    client: Client, cast: SimpleNamespace, entry: ReportEntry, name: str, content: bytes, sentence: str
) -> None:
    client.force_login(cast.ana)
    response = post(client, entry, name, content)
    assert response.status_code == 422
    page = response.content.decode()
    assert sentence in page
    assert 'value="Mi título"' in page  # what was typed is still there
    assert not Evidence.objects.exists()


def test_a_locked_pdf_is_told_in_the_form(client: Client, cast: SimpleNamespace, entry: ReportEntry) -> None:
    client.force_login(cast.ana)
    response = post(client, entry, "ley.pdf", pdf(encryption=pikepdf.Encryption(owner="a", user="b")))
    assert response.status_code == 422
    assert "protected by a password" in response.content.decode()


def test_without_a_file_the_form_asks_for_one(client: Client, cast: SimpleNamespace, entry: ReportEntry) -> None:
    client.force_login(cast.ana)
    response = client.post(reverse("evidence_add", args=["CR-2014-1", entry.activity.code]), {"title": "x"})
    assert response.status_code == 422
    assert "Choose a file" in response.content.decode()
    assert "Choose what it is" in response.content.decode()


def test_with_htmx_the_browser_is_sent_on(client: Client, cast: SimpleNamespace, entry: ReportEntry) -> None:
    client.force_login(cast.ana)
    response = client.post(
        reverse("evidence_add", args=["CR-2014-1", entry.activity.code]),
        {"file": SimpleUploadedFile("a.txt", b"hola"), "type": "law", "language": "es", "visibility": "state"},
        headers={"HX-Request": "true"},
    )
    assert response["HX-Redirect"] == f"{entry.get_absolute_url()}#evidence"


def test_a_double_click_is_one_row(client: Client, cast: SimpleNamespace, entry: ReportEntry) -> None:
    client.force_login(cast.ana)
    statuses = [post(client, entry, "ley.pdf", PDF).status_code for _ in range(2)]
    assert statuses == [302, 302]
    assert Evidence.objects.count() == 1
    assert OutboxMessage.objects.filter(task="workplan.process_evidence").count() == 1


def test_the_text_of_the_entry_is_saved_before_attaching(
    client: Client, cast: SimpleNamespace, entry: ReportEntry
) -> None:
    client.force_login(cast.ana)
    page = client.get(entry.get_absolute_url()).content.decode()
    assert re.search(r'name="then"\s+value="evidence"', page)
    management = dict(re.findall(r'name="([\w-]+_FORMS)" value="(\d+)"', page))
    data = {
        **management,
        "version": entry.version,
        "status": "partial",
        "narrative": "Escrito antes de adjuntar.",
        "language": "es",
        "completed": "no",
        "then": "evidence",
    }
    response = client.post(entry.get_absolute_url(), data)
    assert response.status_code == 302, re.findall(r'error-message">(.*?)</p>', response.content.decode(), re.DOTALL)
    assert response["Location"] == reverse("evidence_add", args=["CR-2014-1", entry.activity.code])
    entry.refresh_from_db()
    assert entry.narrative == "Escrito antes de adjuntar."


def test_an_address_is_kept_and_never_fetched(client: Client, cast: SimpleNamespace, entry: ReportEntry) -> None:
    client.force_login(cast.ana)
    address = reverse("evidence_address", args=["CR-2014-1", entry.activity.code])
    data = {"title": "Gaceta", "language": "es", "visibility": "public"}
    for url in ("http://www.oas.org", "ftp://oas.org/x", "javascript:alert(1)", "https://ana:clave@oas.org", "nada"):
        assert client.post(address, {**data, "url": url}).status_code == 422, url
    for _ in range(2):
        assert client.post(address, {**data, "url": "https://www.oas.org/dtp"}).status_code == 302
    evidence = Evidence.objects.get()
    assert (evidence.type, evidence.url, evidence.scan_state) == ("web_page", "https://www.oas.org/dtp", "")
    assert not OutboxMessage.objects.exists()
    assert download(client, evidence).status_code == 404
    page = client.get(entry.get_absolute_url()).content.decode()
    assert 'href="https://www.oas.org/dtp"' in page
    assert "Not opened by the portal" in page


def test_an_entry_holds_twenty(cast: SimpleNamespace, entry: ReportEntry) -> None:
    first = attach(entry, cast.ana, one_text(0), "a.txt")
    for number in range(1, services.MAX_EVIDENCE):
        attach(entry, cast.ana, one_text(number), "a.txt")
    with pytest.raises(PortalError, match="20"):
        attach(entry, cast.ana, one_text(99), "a.txt")
    services.remove_evidence(evidence=first, actor=cast.ana)
    attach(entry, cast.ana, one_text(99), "a.txt")
    assert entry.evidence.standing().count() == services.MAX_EVIDENCE


@pytest.mark.parametrize("name", ["bruno", "carla", "ciro", "denise", "didier", "evan", "marta", "paula"])
def test_only_writers_attach_and_remove(client: Client, cast: SimpleNamespace, entry: ReportEntry, name: str) -> None:
    mine = attach(entry, cast.ana)
    person = getattr(cast, name)
    client.force_login(person)
    seen = ReportEntry.objects.visible_to(person).filter(pk=entry.pk).exists()
    expected = 403 if seen else 404
    assert post(client, entry, "a.txt", b"hola").status_code == expected
    assert client.post(reverse("evidence_remove", args=[mine.public_id])).status_code == expected
    with pytest.raises(NotAllowed):
        attach(entry, person)
    with pytest.raises(NotAllowed):
        services.remove_evidence(evidence=mine, actor=person)
    assert Evidence.objects.current().count() == 1


def test_nothing_is_attached_or_removed_once_the_report_is_on_its_way(
    client: Client, cast: SimpleNamespace, report: Report, entry: ReportEntry
) -> None:
    evidence = attach(entry, cast.ana)
    services.send_to_coordinator(report=report, actor=cast.ana)
    client.force_login(cast.ana)
    assert post(client, entry, "a.txt", b"hola").status_code == 403
    assert client.post(reverse("evidence_remove", args=[evidence.public_id])).status_code == 403
    assert "Remove" not in client.get(entry.get_absolute_url()).content.decode()


def test_removing_asks_and_keeps_the_row_and_the_file(
    client: Client, cast: SimpleNamespace, entry: ReportEntry
) -> None:
    evidence = checked(entry, cast.ana)
    client.force_login(cast.beto)
    address = reverse("evidence_remove", args=[evidence.public_id])
    assert "nobody can open it" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    evidence.refresh_from_db()
    assert evidence.removed_by == cast.beto
    assert stored(evidence.served)
    assert client.post(address).status_code == 404
    assert AuditEvent.objects.filter(object_id=str(evidence.public_id), verb="evidence.removed").count() == 1


# --- who sees what -------------------------------------------------------------------------------


def spread(cast: SimpleNamespace, report: Report) -> dict[str, Evidence]:
    """One of each visibility, sent and not sent, removed before and after; and the Secretariat's own."""
    entries = list(report.entries.all())
    found = {name: checked(entries[0], cast.ana, visibility=name, content=one_text(n), name="a.txt")
             for n, name in enumerate(("state", "secretariat", "public"))}  # fmt: skip
    found["gone"] = checked(entries[0], cast.ana, content=one_text(3), name="a.txt")
    services.remove_evidence(evidence=found["gone"], actor=cast.ana)
    found["other entry"] = checked(entries[1], cast.ana, content=one_text(4), name="a.txt")
    submit(report, cast.ana, cast.bruno)
    services.return_report(report=report, actor=cast.denise, note="Falta el decreto.")
    found["later"] = checked(entries[0], cast.ana, content=one_text(5), name="a.txt")
    found["taken out"] = checked(entries[2], cast.ana, content=one_text(6), name="a.txt")
    submit_again(report, cast)
    services.return_report(report=report, actor=cast.denise, note="Otra vez.")
    services.remove_evidence(evidence=found["taken out"], actor=cast.ana)
    own = Report.objects.get(reference="SG-2014-1")
    entry = own.entries.first()
    found["own"] = checked(entry, cast.denise, content=one_text(7), name="a.txt")
    found["own only"] = checked(entry, cast.denise, content=one_text(8), name="a.txt", visibility="state")
    submit(own, cast.denise, cast.didier)
    return found


def submit_again(report: Report, cast: SimpleNamespace) -> None:
    report.refresh_from_db()
    services.send_to_coordinator(report=report, actor=cast.ana)
    services.approve(report=report, actor=cast.bruno)


def test_each_person_sees_and_downloads_exactly_these(client: Client, cast: SimpleNamespace, report: Report) -> None:
    found = spread(cast, report)
    state = {"state", "secretariat", "public", "other entry", "later", "taken out"}
    sent = state - {"state"}
    handed = {"state", "secretariat", "public", "later"}
    grant = report.entries.first().grants
    grant.create(user=cast.marta, permission=Permission.objects.get(codename="change_reportentry"))
    expected: dict[str, set[str]] = {
        **{name: set() for name in PEOPLE},
        "ana": state,
        "beto": state,
        "bruno": state,
        "marta": handed,
        "denise": sent | {"own", "own only"},
        "didier": sent | {"own", "own only"},
        "evan": {"public", "own"},
    }
    sees, gets = {}, {}
    for name in PEOPLE:
        person = getattr(cast, name)
        visible = set(Evidence.objects.visible_to(person).values_list("pk", flat=True))
        sees[name] = {key for key, evidence in found.items() if evidence.pk in visible}
        client.logout()
        if person.is_active:
            client.force_login(person)
            gets[name] = {key for key, evidence in found.items() if download(client, evidence).status_code == 200}
    assert sees == expected
    assert gets == {name: keys for name, keys in expected.items() if name != "iris"}


def without_marks(response: HttpResponseBase, public_id: object) -> str:
    """The page without the address asked for and without its token."""
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", response.content.decode().replace(str(public_id), ""))


def test_a_foreign_file_and_none_at_all_are_the_same_answer(
    client: Client, cast: SimpleNamespace, entry: ReportEntry
) -> None:
    evidence = checked(entry, cast.ana)
    client.force_login(cast.carla)
    for name in ("evidence_detail", "evidence_download", "evidence_remove"):
        foreign = client.get(reverse(name, args=[evidence.public_id]))
        missing = client.get(reverse(name, args=[NOBODYS]))
        assert foreign.status_code == missing.status_code == 404
        assert without_marks(foreign, evidence.public_id) == without_marks(missing, NOBODYS)
    assert not AuditEvent.objects.filter(verb="evidence.downloaded").exists()


def test_there_is_no_address_of_the_storage(client: Client, cast: SimpleNamespace, entry: ReportEntry) -> None:
    evidence = checked(entry, cast.ana)
    client.force_login(cast.ana)
    for name in (evidence.original.name, evidence.served.name):
        for root in ("/media/", "/", "/static/", "/en/"):
            assert client.get(f"{root}{name}").status_code == 404
    client.logout()
    assert download(client, evidence).status_code == 302  # to the sign-in


# --- what is sent --------------------------------------------------------------------------------


def test_a_version_lists_what_goes_along(cast: SimpleNamespace, report: Report, entry: ReportEntry) -> None:
    kept = checked(entry, cast.ana, content=one_text(1), name="a.txt", visibility="public")
    pending = attach(entry, cast.ana, one_text(2), "b.txt")
    checked(entry, cast.ana, content=one_text(3), name="c.txt", visibility="state")
    run_check(attach(entry, cast.ana, bomb()[:500_000], "d.docx"))
    services.remove_evidence(evidence=attach(entry, cast.ana, one_text(4), "e.txt"), actor=cast.ana)
    link = services.attach_address(entry=entry, data=described(type="web_page"), url="https://oas.org/", actor=cast.ana)
    submit(report, cast.ana, cast.bruno)
    version = ReportVersion.objects.get()
    listed = version.content["entries"][0]["evidence"]
    assert [row["id"] for row in listed] == [str(e.public_id) for e in (kept, pending, link)]
    assert listed[0] == {
        "id": str(kept.public_id),
        "type": "law",
        "title": "Ley 9095",
        "language": "es",
        "visibility": "public",
        "url": "",
        "sha256": kept.sha256,
    }
    assert set(version.new_evidence.all()) == {kept, pending, link}


def test_the_reviewer_finds_it_in_the_version(client: Client, cast: SimpleNamespace, report: Report) -> None:
    evidence = checked(report.entries.first(), cast.ana)
    submit(report, cast.ana, cast.bruno)
    client.force_login(cast.denise)
    address = reverse("evidence_detail", args=[evidence.public_id])
    assert address in client.get(reverse("review_detail", args=["CR-2014-1"])).content.decode()
    page = client.get(address).content.decode()
    assert reverse("evidence_download", args=[evidence.public_id]) in page
    assert evidence.sha256 in page


def test_evidence_added_while_the_approver_reads_is_noticed(cast: SimpleNamespace, report: Report) -> None:
    answer(report.entries.first(), cast.ana)
    seen = content_hash(report_content(report))
    attach(report.entries.first(), cast.ana)
    services.send_to_coordinator(report=report, actor=cast.ana)
    with pytest.raises(StaleVersion):
        services.approve(report=report, actor=cast.bruno, seen=seen)


# --- the check -----------------------------------------------------------------------------------


def test_malware_is_found_and_never_given_out(
    client: Client, cast: SimpleNamespace, entry: ReportEntry, settings: Any
) -> None:
    with Peer() as peer:
        settings.CLAMD = peer.address
        infected = checked(entry, cast.ana, content=EICAR, name="eicar.txt")
        clean = checked(entry, cast.ana, content=b"hola", name="hola.txt")
        assert peer.received == [EICAR, b"hola"]
    assert (infected.scan_state, infected.malware, infected.served.name) == ("infected", "Win.Test.EICAR_HDB-1", "")
    assert clean.scan_state == "clean"
    client.force_login(cast.ana)
    assert download(client, infected).status_code == 404
    page = client.get(entry.get_absolute_url()).content.decode()
    assert "Virus found, not given out" in page
    assert "Win.Test.EICAR_HDB-1" in page
    assert "Scanned, no virus found" in page


@pytest.mark.django_db(transaction=True)
def test_while_the_scanner_is_away_a_file_stays_pending_and_is_asked_for_again(
    cast: SimpleNamespace, entry: ReportEntry, settings: Any
) -> None:
    settings.CLAMD = "unix:/nonexistent/clamd.ctl"
    evidence = attach(entry, cast.ana)
    message = OutboxMessage.objects.get()
    for _ in range(5):
        tasks.process_evidence(str(message.pk), evidence.pk)
    message.refresh_from_db()
    evidence.refresh_from_db()
    assert (message.attempts, message.done_at, message.last_error) == (3, None, "ScanUnavailable")
    assert evidence.scan_state == "pending"
    assert recheck_files() == 0  # just handed in, and its message is still open
    OutboxMessage.objects.update(dead_at=timezone.now())
    Evidence.objects.update(uploaded_at=timezone.now() - timedelta(minutes=11))
    assert recheck_files() == 1
    assert recheck_files() == 0
    with Peer() as peer:
        settings.CLAMD = peer.address
        again = OutboxMessage.objects.get(dead_at=None)
        tasks.process_evidence(str(again.pk), evidence.pk)
    evidence.refresh_from_db()
    assert evidence.scan_state == "clean"


def test_a_second_delivery_of_the_task_changes_nothing(cast: SimpleNamespace, entry: ReportEntry) -> None:
    evidence = checked(entry, cast.ana)
    before = Evidence.objects.values().get()
    run_check(evidence)
    assert Evidence.objects.values().get() == before
    assert AuditEvent.objects.filter(verb="evidence.not_scanned").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_file_changed_in_quarantine_is_not_served(cast: SimpleNamespace, entry: ReportEntry, own_media: Path) -> None:
    evidence = attach(entry, cast.ana)
    (own_media / evidence.original.name).write_bytes(PDF + b"%")
    run_check(evidence)
    assert evidence.scan_state == "pending"
    assert OutboxMessage.objects.get().last_error == "FileDamaged"


def test_a_refusal_says_why(client: Client, cast: SimpleNamespace, entry: ReportEntry) -> None:
    evidence = checked(entry, cast.ana, content=docx(parts={"word/vbaProject.bin": b"x"}), name="a.docx")
    assert (evidence.scan_state, evidence.refusal) == ("refused", "macros")
    client.force_login(cast.ana)
    page = client.get(entry.get_absolute_url()).content.decode()
    assert "Not accepted" in page
    assert "The file contains macros or controls." in page
    assert download(client, evidence).status_code == 404


def test_the_words_cover_every_code() -> None:
    assert set(Refusal.values) == {code.value for code in Code}
    assert set(RemovedPart.values) == {code.value for code in Removed}


# --- the database and the cost -------------------------------------------------------------------

_HASH = "0" * 64
_COPY = {"served": "x", "served_size": 1, "served_sha256": _HASH}
# name: (constraint, what the row would become)
WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "served while pending": ("evidence_served_only_when_checked", _COPY),
    "infected and served": ("evidence_served_only_when_checked", {"scan_state": "infected", **_COPY}),
    "clean without a copy": ("evidence_served_only_when_checked", {"scan_state": "clean"}),
    "refused without a reason": ("evidence_refused_says_why", {"scan_state": "refused"}),
    "a reason without refusal": ("evidence_refused_says_why", {"refusal": "macros"}),
    "too large": ("evidence_file_or_address", {"size": 10 * 1024 * 1024 + 1}),
    "empty": ("evidence_file_or_address", {"size": 0}),
    "a file and an address": ("evidence_file_or_address", {"url": "https://oas.org"}),
    "a page with a file": ("evidence_file_or_address", {"type": "web_page", "url": "https://oas.org"}),
    "not a hash": ("evidence_file_or_address", {"sha256": "Z" * 64}),
    "no title": ("evidence_has_title", {"title": ""}),
    "removed by nobody": ("evidence_removed_by_somebody", {"removed_at": timezone.now()}),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_database_refuses(cast: SimpleNamespace, entry: ReportEntry, case: str) -> None:
    constraint, change = WRONG[case]
    evidence = attach(entry, cast.ana)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Evidence.objects.filter(pk=evidence.pk).update(**change)


def test_what_is_for_us_alone_cannot_be_part_of_a_version(
    cast: SimpleNamespace, report: Report, entry: ReportEntry
) -> None:
    attach(entry, cast.ana, visibility="state")
    submit(report, cast.ana, cast.bruno)
    with pytest.raises(IntegrityError, match="evidence_sent_is_not_only_ours"), transaction.atomic():
        Evidence.objects.update(first_version=ReportVersion.objects.get())


def test_the_application_cannot_delete_evidence(cast: SimpleNamespace, entry: ReportEntry) -> None:
    evidence = attach(entry, cast.ana)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        evidence.delete()


def test_the_table_costs_the_same_for_one_and_for_five(
    client: Client, cast: SimpleNamespace, entry: ReportEntry, django_assert_num_queries: Any
) -> None:
    client.force_login(cast.ana)
    address = reverse("evidence_table", args=["CR-2014-1", entry.activity.code])
    attach(entry, cast.ana, one_text(0), "a.txt")
    client.get(address)
    with django_assert_num_queries(10):
        client.get(address)
    for number in range(1, 5):
        attach(entry, cast.ana, one_text(number), "a.txt")
    with django_assert_num_queries(10):
        client.get(address)


def test_a_download_is_one_look_and_one_line_of_the_trail(
    client: Client, cast: SimpleNamespace, entry: ReportEntry, django_assert_num_queries: Any
) -> None:
    evidence = checked(entry, cast.ana)
    client.force_login(cast.ana)
    download(client, evidence)
    with django_assert_num_queries(10):
        assert download(client, evidence).status_code == 200
