from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "evaluations"

    def ready(self) -> None:
        from contributions.queries import register_citing
        from core.jobs import JobKind, register_kind
        from evaluations import permissions, tasks
        from evaluations.enums import Stage
        from evaluations.presenters.evaluations import job_context, job_result
        from evaluations.queries.citations import citing

        kind = JobKind(
            title=_("Evaluation for the Fourth Meeting"),
            back_text=_("Back to the evaluation"),
            stages=Stage.choices,
            template="evaluations/job_files.html",
            context=job_context,
            result=job_result,
        )
        register_citing(citing)
        register_kind(tasks.build.name, kind, may_follow=permissions.can_prepare)
