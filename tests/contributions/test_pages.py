"""Pages of contributions: each side reads what is its own to read, and the withheld name is nowhere."""

import io
import json
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from docx import Document as Word
from openpyxl import Workbook

from contributions import delivery, services
from contributions.models import Attachment, Contribution
from core.jobs import enqueue
from core.models import AuditEvent, OutboxMessage
from core.testing import record_proof
from tests.factories.contributions import make_at, make_draft, make_sent
from tests.support import assert_same_queries
from tests.workplan.pages import url

NAME = "Zzyzx Alianza del Refugio"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def process(attachment: Attachment) -> None:
    message, _created = enqueue("contributions.process_attachment", attachment.pk, key=f"attachment:{attachment.pk}")
    delivery.process_attachment(message, attachment.pk)


def word_by(author: str) -> bytes:
    document, output = Word(), io.BytesIO()
    document.add_paragraph("Datos de acogida.")
    document.core_properties.author = document.core_properties.last_modified_by = author
    document.core_properties.title = f"Informe de {author}"
    document.save(output)
    return output.getvalue()


def sheet_by(author: str) -> bytes:
    book, output = Workbook(), io.BytesIO()
    book.active.append(["Casas", 3])
    book.properties.creator = book.properties.lastModifiedBy = author
    book.save(output)
    return output.getvalue()


# --- the withheld name ----------------------------------------------------------------------------


def outputs_of_the_state(client: Client, row: Contribution, entry: Any) -> dict[str, bytes]:
    """All that a person of the State can ask for: pages, both by GET and refused POST, files, exports."""
    report = entry.report
    addresses = [
        url("home"), url("contribution_list"), url("contribution_published"), row.get_absolute_url(),
        url("contribution_reply", row.reference), url("entry_edit", report.reference, entry.activity.code),
        url("report_detail", report.reference), url("report_check", report.reference),
        url("report_history", report.reference), url("report_spreadsheet", report.reference),
        url("notification_list"), url("directory_list"), url("directory_export"), url("focal_point_list"),
        url("network_list"), url("assistance_list"), url("state_detail", "cr"), url("authority_list"),
        url("audit_trail"), url("audit_export"), url("team"), url("accreditation_list"), url("contribution_new"),
        *(url(f"contribution_{page}", row.reference) for page in ("about", "text", "check", "answer", "ask",
                                                                  "cite", "not_use")),
        *(url("contribution_file", file.public_id) for file in row.files.all()),
    ]  # fmt: skip
    found = {}
    for address in addresses:
        response = client.get(address)
        assert response.status_code != 500, address
        found[f"GET {address}"] = body(response) + str(response.headers).encode()
    for step in ("receive", "withdraw"):
        response = client.post(url("contribution_step", row.reference, step))
        found[f"POST {step}"] = body(response) + str(response.headers).encode()
    return found


def test_the_withheld_name_appears_nowhere_on_the_side_of_the_state(partner: Any, client: Client) -> None:
    """The organization's name, its person's name and address, in every output of every reader of the State."""
    partner.partner.name, partner.paula.full_name = NAME, "Xochitl Zzyzx"
    partner.partner.save()
    partner.paula.save()
    row = make_draft(partner.paula, partner.round, "CR", name_withheld=True, visibility="public")
    files = {"datos.docx": word_by(NAME), "casas.xlsx": sheet_by(NAME)}
    for name, content in files.items():
        process(services.attach(contribution=row, file=services.FileData(name, content), actor=partner.paula))
    services.send(contribution=row, actor=partner.paula)
    for step in ("receive", "review", "accept"):
        services.take_step(contribution=row, step=step, actor=partner.denise)
    services.send_digests()
    entry = partner.round.reports.get(state=partner.costa_rica).entries.get(activity__code="PRO-02")
    make_auditor(partner)
    outputs: dict[str, bytes] = {}
    for name in ("ana", "beto", "bruno", "auditor"):
        found = outputs_of_the_state(signed_in(getattr(partner, name)), row, entry)
        outputs |= {f"{name} {address}": content for address, content in found.items()}
    outputs |= outputs_without_a_page(partner)
    hits = [address for address, content in outputs.items() if told(content)]
    record_proof("withheld_name", outputs=len(outputs), hits=len(hits))
    assert hits == []
    # The looking can find: the Secretariat's own page has it, and so have the originals.
    assert told(signed_in(partner.denise).get(row.get_absolute_url()).content)
    assert all(told(content) for content in files.values())


def make_auditor(cast: Any) -> None:
    from tests.factories.accounts import give_role, make_user

    cast.auditor = make_user("auditor")
    give_role(cast.auditor, cast.authority_cr, "state_auditor")


def outputs_without_a_page(cast: Any) -> dict[str, bytes]:
    """Mails to people of the State, what waits for the workers, the State's audit chain, and published pages."""
    for message in OutboxMessage.objects.filter(task="contributions.send_notice"):
        delivery.send_notice(*message.args)
    people = {person.email for person in (cast.ana, cast.beto, cast.bruno)}
    events = AuditEvent.objects.filter(chain="CR").values("verb", "object_id", "data", "actor__email", "system")
    cast.round.status = "closed"
    cast.round.save()
    return {
        "mails": "".join(str(one.message()) for one in mail.outbox if people & set(one.to)).encode(),
        "chain of the State": json.dumps(list(events), default=str).encode(),
        "published": Client().get(url("contribution_published")).content,
    }


def told(content: bytes) -> bool:
    import zipfile

    parts = [content]
    at = content.find(b"PK\x03\x04")
    if at == 0:
        with zipfile.ZipFile(io.BytesIO(content.split(b"{'Content-Type'")[0])) as archive:
            parts += [archive.read(name) for name in archive.namelist()]
    return any(word in part for part in parts for word in (b"Zzyzx", b"paula@", b"Partner of the tests"))


# --- each side ------------------------------------------------------------------------------------


def test_a_state_reads_it_beside_its_own_answer_and_replies_there(partner: Any) -> None:
    row = make_at("received", partner, partner.round)
    make_at("received", partner, partner.round, "GT", title="De otro Estado")
    make_at("received", partner, partner.round, visibility="secretariat", title="Solo Secretaría")
    beto = signed_in(partner.beto)
    address = url("entry_edit", "CR-2014-1", "PRO-02")
    page = beto.get(address).content.decode()
    assert "Acogida de noche" in page
    assert "no reply yet" in page
    assert "De otro Estado" not in page
    assert "Solo Secretaría" not in page
    assert "Acogida de noche" not in beto.get(url("entry_edit", "CR-2014-1", "PRO-01")).content.decode()
    sent = {"text": "Se abrirán dos casas.", "language": "es"}
    assert beto.post(url("contribution_reply", row.reference), sent).status_code == 302
    assert "replied" in beto.get(address).content.decode()
    assert "Se abrirán dos casas." in signed_in(partner.paula).get(row.get_absolute_url()).content.decode()
    assert beto.get(url("contribution_reply", row.reference)).status_code == 403


def test_an_answer_and_its_rating_stay_as_they_are(partner: Any) -> None:
    entry = partner.round.reports.get(state=partner.costa_rica).entries.get(activity__code="PRO-02")
    before = (entry.status, entry.version, entry.updated_at)
    row = make_at("accepted", partner, partner.round)
    services.reply(contribution=row, text="Bien.", language="es", actor=partner.beto)
    entry.refresh_from_db()
    assert (entry.status, entry.version, entry.updated_at) == before


def test_the_organization_sees_what_became_of_it(partner: Any) -> None:
    row = make_at("under_review", partner, partner.round)
    services.ask(contribution=row, text="Which provinces?", language="en", actor=partner.denise)
    paula = signed_in(partner.paula)
    answer = {"text": "Las del norte.", "language": "es"}
    assert paula.post(url("contribution_answer", row.reference), answer).status_code == 302
    services.take_step(contribution=row, step="accept", actor=partner.denise)
    cited = {"sentence": "Gaps at night are reported.", "language": "en"}
    signed_in(partner.denise).post(url("contribution_cite", row.reference), cited)
    page = paula.get(row.get_absolute_url()).content.decode()
    for words in ("Which provinces?", "Las del norte.", "Gaps at night are reported.", "Accepted"):
        assert words in page


def test_an_application_goes_its_way_by_pages(partner: Any, client: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {
        "name": "Casa Abierta", "name_language": "es", "kind": "civil_society", "purpose": "Acompañar.",
        "states": ["CR"], "contact_name": "Nora Paz", "contact_email": "nora@casa.example",
        "file": SimpleUploadedFile("estatutos.txt", b"Estatutos."),
    }  # fmt: skip
    assert client.post(url("accreditation_apply"), sent).status_code == 302
    from contributions.models import Accreditation

    row = Accreditation.objects.get(name="Casa Abierta")
    assert row.files.count() == 1
    address = row.get_absolute_url()
    assert signed_in(partner.didier).post(address, {"text": "Leído."}).status_code == 302
    assert signed_in(partner.didier).post(address, {"accredit": "yes"}).status_code == 403
    other = partner.denise
    assert signed_in(other).post(address, {"accredit": "yes"}).status_code == 403  # an officer opens no accounts
    from tests.factories.accounts import give_role, make_user

    second = make_user("segunda")
    give_role(second, partner.secretariat, "secretariat_admin")
    assert signed_in(second).post(address, {"accredit": "yes"}).status_code == 302
    row.refresh_from_db()
    assert row.status == "accredited"


@pytest.mark.parametrize("who", ["paula", "denise", "beto"])
def test_the_list_costs_the_same_whatever_its_length(partner: Any, who: str) -> None:
    make_at("received", partner, partner.round)
    client = signed_in(getattr(partner, who))

    def grow() -> None:
        for _time in range(6):
            make_at("received", partner, partner.round, "CR", "GT")

    assert assert_same_queries(client, url("contribution_list"), grow) <= 24


def test_a_sent_one_cannot_be_opened_for_writing(partner: Any) -> None:
    row = make_sent(partner.paula, partner.round)
    paula = signed_in(partner.paula)
    for page in ("about", "text", "check"):
        assert paula.get(url(f"contribution_{page}", row.reference)).status_code == 403
