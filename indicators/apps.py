from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "indicators"

    def ready(self) -> None:
        from core.jobs import JobKind, register_kind
        from indicators import permissions, tasks

        kind = JobKind(
            title=_("Release of statistics"),
            back_text=_("Back to the releases"),
            stages=[("build", _("Round, suppress and audit"))],
            template="jobs/job_plain.html",
            context=lambda job, user: {"back_url": reverse("release_list"), "subject": "", "facts": []},
            result=lambda job, user: reverse("api_releases"),
        )
        register_kind(tasks.build_release.name, kind, may_follow=permissions.can_prepare_releases)
