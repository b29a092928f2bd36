"""Documents of a report on pages: the receipt beside its version, and the job that makes one."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from accounts.querysets import AnyUser
from core.i18n import NATIVE_NAMES
from core.models import Job
from workplan import permissions
from workplan.models import BlankForm, Report, ReportPaper, ReportVersion
from workplan.presenters import reporter_name
from workplan.queries import report_to_fill_in


@dataclass(frozen=True)
class Fact:
    key: str
    value: str
    note: str = ""


def file_name(paper: ReportPaper) -> str:
    """CR-2014-1_v2.pdf, or CR-2014-1_v1-v2_es.pdf for what changed."""
    reference, number = paper.version.report.reference, paper.version.number
    if paper.compared is None:
        return f"{reference}_v{number}.pdf"
    before = paper.compared
    start = f"v{before.number}" if before.report_id == paper.version.report_id else before.report.round.code
    return f"{reference}_{start}-v{number}_{paper.language}.pdf"


def job_context(job: Job, user: AnyUser) -> dict[str, Any]:
    """For core.jobs.JobKind. The versions must still be the person's to read."""
    version_id, compared_id, language, is_whole = job.message.args
    wanted = [version_id, compared_id] if compared_id else [version_id]
    versions = ReportVersion.objects.visible_to(user).without_content()
    found = versions.select_related("report__round", "report__state").in_bulk(wanted)
    if len(found) != len(wanted):
        raise Http404
    version, compared = found[version_id], found.get(compared_id)
    papers = ReportPaper.objects.visible_to(user).with_report()
    paper = papers.filter(version=version, compared=compared, language=language, is_whole=is_whole).first()
    return {
        "back_url": reverse("report_versions", args=[version.report.reference]),
        "subject": version.report.reference,
        "facts": _facts(version.report, version, compared, language),
        "paper": paper,
        "paper_url": paper.get_absolute_url() if paper else "",
    }


def job_result(job: Job, user: AnyUser) -> str:
    """For core.jobs.JobKind: where the API gives the document."""
    paper = job_context(job, user)["paper"]
    return reverse("api_paper", args=[paper.version.report.reference, paper.public_id]) if paper else ""


def form_job_context(job: Job, user: User) -> dict[str, Any]:
    """For core.jobs.JobKind. The report must still be the person's to fill in."""
    report_id, language, due_on = job.message.args
    report = report_to_fill_in(user, pk=report_id)
    if report is None or not permissions.can_take_form(user, report):
        raise Http404
    forms = BlankForm.objects.visible_to(user).filter(report=report, language=language, due_on=due_on)
    with override(language):
        url = reverse("report_form", args=[report.reference])
    facts = [
        Fact(_("Report"), reporter_name(report), report.round.code),
        Fact(_("Document"), _("Form to fill in")),
        Fact(_("Language"), NATIVE_NAMES[language]),
    ]
    return {
        "back_url": reverse("report_form", args=[report.reference]),
        "subject": report.reference,
        "facts": facts,
        "paper": forms.first(),
        "paper_url": url,
    }


def _facts(report: Report, version: ReportVersion, compared: ReportVersion | None, language: str) -> list[Fact]:
    kind = _("What changed") if compared else _("Receipt")
    facts = [
        Fact(_("Report"), reporter_name(report), report.round.code),
        Fact(_("Document"), kind),
        Fact(_("Version"), str(version.number)),
    ]
    if compared:
        words = {"period": compared.report.round.code, "number": compared.number}
        facts.append(Fact(_("Compared with"), _("%(period)s, version %(number)s") % words))
    return [*facts, Fact(_("Language"), NATIVE_NAMES[language])]
