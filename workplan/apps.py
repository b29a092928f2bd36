from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkplanConfig(AppConfig):
    name = "workplan"

    def ready(self) -> None:
        from accounts.services import register_handover
        from core.checked_files import register_files
        from core.jobs import JobKind, register_kind
        from workplan import permissions, tasks
        from workplan.enums import PaperStage
        from workplan.models import Evidence
        from workplan.presenters import papers
        from workplan.services import EntryHandover

        register_handover(EntryHandover())
        register_files(Evidence, task=tasks.process_evidence.name, name="evidence")
        kind = JobKind(
            title=_("Document of a report"),
            back_text=_("Back to the versions"),
            stages=PaperStage.choices,
            template="workplan/job_paper.html",
            context=papers.job_context,
            result=papers.job_result,
        )
        register_kind(tasks.write_paper.name, kind, may_follow=permissions.follows_papers)
        form = JobKind(
            title=_("Printable form of a report"),
            back_text=_("Back to the form"),
            stages=PaperStage.choices,
            template="workplan/job_paper.html",
            context=papers.form_job_context,
        )
        register_kind(tasks.write_form.name, form, may_follow=permissions.follows_papers)
