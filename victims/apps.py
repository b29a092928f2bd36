from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VictimsConfig(AppConfig):
    name = "victims"

    def ready(self) -> None:
        from core import doctor
        from core.backup import restore
        from core.jobs import JobKind, register_kind
        from victims import presenters
        from victims.enums import CountStage
        from victims.services import counts, tombstones

        kind = JobKind(
            title=_("Count cases for the national statistics"),
            back_text=_("Back to the count"),
            stages=CountStage.choices,
            template="victims/job_count.html",
            context=presenters.count_job_context,
        )
        register_kind(counts.TASK, kind, may_follow=lambda user: False)  # whoever asked, and nobody else
        restore.BEFORE_OPENING.append(("erasures", tombstones.erase_again))
        doctor.CHECKS["record keys"] = lambda: presenters.key_finding(tombstones.key_findings())
