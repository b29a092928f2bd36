"""Published evaluations: everybody reads them, as pages and as files."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from evaluations import permissions
from evaluations.delivery.pack import file_name, meeting_pack, pack_name, paper_name, symbol_name
from evaluations.enums import DocumentFormat
from evaluations.models import Artefact, Document, Evaluation, Publication, StatePaper
from evaluations.presenters import evaluations as presenters
from evaluations.presenters.reading import contents_page, reading_page
from evaluations.queries.consent import withheld

TYPES: dict[str, str] = {
    DocumentFormat.PDF: "application/pdf",
    DocumentFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    DocumentFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    DocumentFormat.CSV: "text/csv; charset=utf-8",
    DocumentFormat.JSON: "application/json",
}


@login_not_required
@require_safe
def publication_list(request: HttpRequest) -> HttpResponse:
    publications = Publication.objects.visible_to(request.user).for_list()
    return render(request, "evaluations/publication_list.html", {"publications": publications})


@login_not_required
@require_safe
def publication_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    publication = _publication(request, public_id)
    hidden = _hidden(request, publication)
    context = presenters.publication_page(publication, hidden) | contents_page(publication, hidden)
    return render(request, "evaluations/publication_detail.html", context)


@login_not_required
@require_safe
def publication_section(request: HttpRequest, public_id: UUID, section: str) -> HttpResponse:
    """One chapter or annex, to be read on the screen."""
    publication = _publication(request, public_id)
    context = reading_page(publication, section, _hidden(request, publication))
    return render(request, "evaluations/publication_section.html", context)


@login_not_required
@require_safe
def publication_file(request: HttpRequest, public_id: UUID, language: str, file_format: str) -> FileResponse:
    publication = _whole(request, public_id)
    documents = publication.snapshot.documents.published().select_related("snapshot__evaluation")
    document = get_object_or_404(documents, language=language, format=file_format)
    return send_file(document)


@login_not_required
@require_safe
def publication_paper(request: HttpRequest, public_id: UUID, iso2: str, language: str) -> FileResponse:
    publication = _publication(request, public_id)
    papers = publication.snapshot.papers.published().shown(_hidden(request, publication)).with_page_data()
    return send_paper(get_object_or_404(papers, state__iso2=iso2.upper(), language=language))


@login_not_required
@require_safe
def publication_pack(request: HttpRequest, public_id: UUID) -> FileResponse:
    """Everything for the Meeting in one file."""
    publication = _whole(request, public_id)
    return _send(meeting_pack(publication).file, pack_name(publication), "application/zip")


def _publication(request: HttpRequest, public_id: UUID) -> Publication:
    publications = Publication.objects.visible_to(request.user).with_page_data()
    return get_object_or_404(publications, evaluation__public_id=public_id)


def _hidden(request: HttpRequest, publication: Publication) -> frozenset[str]:
    """Codes of States of which this reader is told nothing singly; the Meeting reads the whole."""
    return frozenset() if permissions.reads_whole(request.user) else withheld(publication.snapshot.content)


def _whole(request: HttpRequest, public_id: UUID) -> Publication:
    """For its files, which hold every State: without the consent of all there is no such file for everybody."""
    publication = _publication(request, public_id)
    if _hidden(request, publication):
        raise Http404
    return publication


def send_file(document: Document) -> FileResponse:
    return _send(document.file, file_name(document), TYPES[document.format])


def send_written(evaluation: Evaluation, artefact: Artefact, language: str, file_format: str) -> FileResponse:
    """By the name that it will have as a document."""
    name = f"{symbol_name(evaluation)}_{language}.{file_format}"
    return _send(artefact.file, name, TYPES[file_format])


def send_paper(paper: StatePaper) -> FileResponse:
    return _send(paper.file, paper_name(paper), TYPES[DocumentFormat.DOCX])


def _send(file: FieldFile, name: str, content_type: str) -> FileResponse:
    headers = {"X-Content-Type-Options": "nosniff"}
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=content_type, headers=headers)
