"""The note verbale as a file: checked behind the page, given out as a copy to exactly those it concerns."""

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import services, tasks
from accounts.enums import NoteRefusal, Role
from accounts.models import FocalPointAppointment, NoteDocument, User
from accounts.services import NoteFile
from core.checked_files import recheck_files
from core.exceptions import NotAllowed, PortalError
from core.models import AuditEvent, OutboxMessage
from oas_trafficking.presenters import EVENT_LABELS
from tests.accounts.sign_in import url
from tests.core.clamd_peer import Peer
from tests.factories.accounts import give_role, make_user
from tests.factories.files import CANARY, docx, jpeg, pdf, pdf_attachment, png

pytestmark = pytest.mark.django_db

PDF = pdf()


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def people(cast):
    """The cast, an auditor and a user administrator of Costa Rica, an auditor of Guatemala."""
    for name, institution, role in (
        ("aida", cast.authority_cr, Role.STATE_AUDITOR),
        ("uma", cast.authority_cr, Role.STATE_USER_ADMIN),
        ("gaston", cast.authority_gt, Role.STATE_AUDITOR),
    ):
        person = make_user(name)
        give_role(person, institution, role)
        setattr(cast, name, person)
    return cast


@pytest.fixture
def appointment(cast):
    return FocalPointAppointment.objects.create(
        state=cast.costa_rica,
        user=cast.beto,
        note_verbale="N/0",
        note_date=date(2012, 1, 1),
        valid_from=date(2012, 1, 1),
        recorded_by=cast.didier,
    )


def attach(appointment, actor, content=PDF, name="nota.pdf"):
    return services.attach_note(appointment=appointment, file=NoteFile(name, content), actor=actor)


def run_check(document):
    message = OutboxMessage.objects.get(key=f"note:{document.pk}")
    tasks.process_note(str(message.pk), *message.args)
    document.refresh_from_db()
    return document


def checked(appointment, actor, **options):
    return run_check(attach(appointment, actor, **options))


def download(client: Client, appointment) -> SimpleNamespace:
    response = client.get(url("note_download", appointment.pk))
    content = b"".join(response) if response.streaming else response.content
    for close in response._resource_closers:  # not response.close(): that would end the test's connection as well
        close()
    return SimpleNamespace(status=response.status_code, headers=response.headers, content=content)


def upload(client, appointment, name="nota.pdf", content=PDF):
    return client.post(url("note_attach", appointment.pk), {"file": SimpleUploadedFile(name, content)})


# --- attaching ---


def test_a_note_goes_through_quarantine_and_check_to_a_download(cast, appointment, signed_in):
    client = signed_in(cast.didier)
    assert b"To follow" in client.get(url("appointment_list")).content
    assert upload(client, appointment)["Location"] == url("appointment_list")
    document = NoteDocument.objects.get()
    assert (document.scan_state, document.original.name.split("/")[0]) == ("pending", "quarantine")
    assert b"Being checked" in client.get(url("appointment_list")).content
    assert download(client, appointment).status == 404
    run_check(document)
    page = client.get(url("appointment_list")).content
    assert b"Not scanned for viruses" in page
    assert b"To follow" not in page
    sent = download(client, appointment)
    assert sent.content.startswith(b"%PDF-")
    assert CANARY.encode() in PDF
    assert CANARY.encode() not in sent.content
    assert sent.headers["Content-Disposition"] == 'attachment; filename="nota.pdf"'
    assert sent.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in sent.headers["Cache-Control"]


@pytest.mark.parametrize(("name", "content"), [("n.jpg", jpeg()), ("n.png", png())])
def test_a_scanned_page_is_taken_and_loses_its_place_and_author(cast, appointment, signed_in, name, content):
    document = checked(appointment, cast.didier, name=name, content=content)
    sent = download(signed_in(cast.beto), appointment)
    assert document.scan_state == "not_scanned"
    assert CANARY.encode() in content
    assert CANARY.encode() not in sent.content


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("n.docx", docx(), NoteRefusal.TYPE),
        ("n.txt", b"nota", NoteRefusal.TYPE),
        ("n.exe", b"MZ", NoteRefusal.TYPE),
        ("n.pdf", png(), NoteRefusal.MISMATCH),
        ("n.pdf", b"%PDF-" + bytes(10 * 1024 * 1024), NoteRefusal.TOO_LARGE),
        ("n.pdf", b"", NoteRefusal.EMPTY),
    ],
)
def test_other_files_are_refused_at_once_and_nothing_is_kept(cast, appointment, signed_in, name, content, why):
    with pytest.raises(PortalError, match=str(why.label)[:20]):
        attach(appointment, cast.didier, content=content, name=name)
    answer = upload(signed_in(cast.didier), appointment, name, content)
    assert answer.status_code == 422
    assert str(why.label) in answer.content.decode()
    assert not NoteDocument.objects.exists()


def test_a_file_inside_the_file_is_refused_with_words_and_another_can_follow(cast, appointment, signed_in):
    document = checked(appointment, cast.didier, content=pdf_attachment())
    assert (document.scan_state, document.refusal, document.served.name) == ("refused", "embedded", "")
    assert str(NoteRefusal.EMBEDDED.label) in signed_in(cast.didier).get(url("appointment_list")).content.decode()
    assert download(signed_in(cast.didier), appointment).status == 404
    checked(appointment, cast.didier)
    assert download(signed_in(cast.beto), appointment).status == 200


def test_another_file_takes_the_place_of_the_one_before(cast, appointment, signed_in):
    first = checked(appointment, cast.didier)
    second = attach(appointment, cast.didier, content=png(), name="n.png")
    first.refresh_from_db()
    assert first.replaced_at is not None
    assert download(signed_in(cast.beto), appointment).status == 404  # the new one is still being checked
    run_check(second)
    assert download(signed_in(cast.beto), appointment).content.startswith(b"\x89PNG")


def test_a_double_click_makes_one_row(cast, appointment):
    assert attach(appointment, cast.didier) == attach(appointment, cast.didier)
    assert NoteDocument.objects.count() == 1


def test_the_scanner_decides(cast, appointment, settings, signed_in):
    with Peer() as peer:
        settings.CLAMD = peer.address
        peer.answer = b"stream: Win.Test.Note FOUND\0"
        infected = checked(appointment, cast.didier)
        assert peer.received == [PDF]
        peer.answer = b"stream: OK\0"
        clean = checked(appointment, cast.didier, content=png(), name="n.png")
    assert (infected.scan_state, infected.served.name, clean.scan_state) == ("infected", "", "clean")
    assert b"Scanned, no virus found" in signed_in(cast.beto).get(url("appointment_list")).content


def test_a_file_whose_check_gave_up_is_checked_again(cast, appointment):
    attach(appointment, cast.didier)
    OutboxMessage.objects.update(dead_at=timezone.now())
    assert recheck_files() == 0
    NoteDocument.objects.update(uploaded_at=timezone.now() - timedelta(minutes=11))
    assert recheck_files() == 1
    assert recheck_files() == 0


def test_the_record_of_an_appointment_takes_the_note_along_or_not(cast, signed_in):
    client, today = signed_in(cast.didier), timezone.localdate()
    data = {"institution": str(cast.authority_cr.public_id), "reference": "N/9", "full_name": "Nora", "language": "es"}
    data |= {"email": "nora@example.org"}
    for name in ("note_date", "in_force_from"):
        data |= {f"{name}_0": today.day, f"{name}_1": today.month, f"{name}_2": today.year}
    wrong = client.post(url("appoint"), {**data, "file": SimpleUploadedFile("n.txt", b"nota")})
    assert wrong.status_code == 422
    assert not FocalPointAppointment.objects.exists()
    assert client.post(url("appoint"), {**data, "file": SimpleUploadedFile("n.pdf", PDF)}).status_code == 302
    assert NoteDocument.objects.get().appointment.note_verbale == "N/9"


@pytest.mark.django_db(transaction=True)
def test_where_the_scanner_is_away_the_file_waits(cast, appointment, settings):
    settings.CLAMD = "unix:/nowhere"
    document = checked(appointment, cast.didier)
    assert (document.scan_state, document.served.name) == ("pending", "")
    assert OutboxMessage.objects.get().last_error == "ScanUnavailable"


# --- who ---


def test_exactly_those_concerned_download_it(people, appointment, signed_in):
    checked(appointment, people.didier)
    may = {"didier", "beto", "uma", "aida"}
    served, told = set(), set()
    nothing = int("9" * len(str(appointment.pk)))  # as long as the real number: the address is echoed in the page
    for name, person in vars(people).items():
        if not isinstance(person, User) or not person.is_active:
            continue
        client = signed_in(person)
        answer = download(client, appointment)
        served |= {name} if answer.status == 200 else set()
        never = client.get(url("note_download", nothing))
        told |= {name} if (answer.status, len(answer.content)) != (404, len(never.content)) else set()
    assert served == told == may


def test_the_auditor_sees_the_list_of_the_own_state_and_no_team(people, appointment, signed_in):
    client = signed_in(people.aida)
    page = client.get(url("appointment_list"))
    assert [row.pk for row in page.context["appointments"]] == [appointment.pk]
    assert f'href="{url("team")}"' not in page.content.decode()
    assert client.get(url("team")).status_code == 403
    assert list(signed_in(people.gaston).get(url("appointment_list")).context["appointments"]) == []


@pytest.mark.parametrize("name", ["beto", "uma", "aida", "denise", "ana"])
def test_only_the_administrator_attaches(people, appointment, signed_in, name):
    assert upload(signed_in(getattr(people, name)), appointment).status_code == 403
    with pytest.raises(NotAllowed):
        attach(appointment, getattr(people, name))


def test_attaching_and_downloading_are_in_the_trail_of_the_state(cast, appointment, signed_in):
    checked(appointment, cast.didier)
    download(signed_in(cast.beto), appointment)
    events = AuditEvent.objects.filter(chain="CR", object_type="accounts.focalpointappointment")
    verbs = list(events.order_by("seq").values_list("verb", "actor"))
    assert verbs == [
        ("note.attached", cast.didier.pk),
        ("note.not_scanned", None),
        ("note.downloaded", cast.beto.pk),
    ]
    states = {f"note.{state}" for state in ("clean", "not_scanned", "infected", "refused", "attached", "downloaded")}
    assert states - set(EVENT_LABELS) == set()


# --- what the database refuses ---


def test_a_file_without_a_copy_is_not_given_out_whatever_the_code_does(cast, appointment):
    document = attach(appointment, cast.didier)
    for state in ("clean", "not_scanned"):
        with pytest.raises(IntegrityError, match="note_document_served_when_checked"), transaction.atomic():
            NoteDocument.objects.filter(pk=document.pk).update(scan_state=state)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        document.delete()


def test_the_list_costs_the_same_for_one_and_for_ten(cast, appointment, signed_in):
    client = signed_in(cast.didier)
    attach(appointment, cast.didier)
    client.get(url("appointment_list"))
    with CaptureQueriesContext(connection) as few:
        client.get(url("appointment_list"))
    for number in range(10):
        row = FocalPointAppointment.objects.create(
            state=cast.costa_rica,
            user=cast.beto,
            note_verbale=f"N/{number}",
            note_date=date(2011, 1, 1),
            valid_from=date(2011, 1, 1),
            valid_to=date(2011, 2, 1),
            recorded_by=cast.didier,
        )
        attach(row, cast.didier, content=PDF + b"\n" * number)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(url("appointment_list")).context["appointments"]) == 11
    assert len(many) == len(few)
