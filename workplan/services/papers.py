"""Documents of a report: the form to fill in, the receipt of what was sent, and what changed between two versions."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import jobs
from core.exceptions import NotAllowed, PortalError
from core.models import Job, OutboxMessage
from workplan import permissions
from workplan.enums import FORM_KIND, PAPER_KIND, PaperStage
from workplan.models import BlankForm, Report, ReportPaper, ReportVersion
from workplan.queries import form_of
from workplan.services.locks import locked_report


def ask_receipt(*, version: ReportVersion, actor: User) -> None:
    """With what is sent, in the same transaction. A machine that writes no PDF says so on its pages."""
    if not settings.OAS_PDF_OFF:
        _enqueue(PAPER_KIND, [version.pk, None, version.report.language, True], actor)


@transaction.atomic
def request_paper(
    *, version: ReportVersion, compared: ReportVersion | None = None, language: str = "", actor: User
) -> ReportPaper | Job:
    """The document, or the job that makes it; asked for twice, the same one.

    A receipt is in the language of its report, differences are in the reader's. Raises NotAllowed for versions
    that are not the person's to read, PortalError where this machine writes no PDF.
    """
    report = locked_report(version.report_id)
    wanted = {version.pk} | ({compared.pk} if compared else set())
    if ReportVersion.objects.visible_to(actor).filter(pk__in=wanted).count() != len(wanted):
        raise NotAllowed(_("You cannot read these versions."))
    language = language if compared else report.language
    is_whole = permissions.can_read_evidence(actor, report)
    made = ReportPaper.objects.filter(version=version, compared=compared, language=language, is_whole=is_whole)
    paper = made.with_report().first()
    if paper is not None:
        return paper
    if settings.OAS_PDF_OFF:
        raise PortalError(_("This machine writes no PDF."))
    return _enqueue(PAPER_KIND, [version.pk, compared.pk if compared else None, language, is_whole], actor)


@transaction.atomic
def request_form(*, report: Report, language: str, actor: User) -> BlankForm | Job:
    """The printable form in a language, or the job that makes it.

    Raises NotAllowed, or PortalError where this machine writes no PDF.
    """
    if not permissions.can_take_form(actor, report):
        raise NotAllowed(_("You cannot take the form of this report."))
    form = form_of(actor, report, language)
    if form is not None:
        return form
    if settings.OAS_PDF_OFF:
        raise PortalError(_("This machine writes no PDF."))
    return _enqueue(FORM_KIND, [report.pk, language, report.due_on.isoformat()], actor)


def _enqueue(kind: str, args: list[object], actor: User) -> Job:
    """One job for each person: jobs are their asker's alone, and the document is written once all the same."""
    running = OutboxMessage.objects.filter(task=kind, args=args, job__created_by=actor.pk, done_at=None, dead_at=None)
    message = running.select_related("job").first()
    if message is not None and message.job is not None:
        return message.job
    job = jobs.create_job(kind=kind, actor=actor)
    jobs.enqueue(kind, *args, key=f"{kind}:{job.public_id}", queue="documents", job=job)
    jobs.report_progress(job, stage=PaperStage.WRITE, stage_number=1, stage_count=1, done=0, total=1)
    return job
