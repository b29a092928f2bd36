from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "oas_trafficking"

    def ready(self) -> None:
        # Makes the Celery application current in every process, the web included.
        from core.jobs import JobKind, register_kind
        from oas_trafficking import celery, serializers, services  # noqa: F401

        kind = JobKind(
            title=_("File of figures"),
            back_text=_("Back to the start page"),
            stages=[("write", _("Write the file"))],
            template="jobs/job_plain.html",
            context=lambda job, user: {"back_url": reverse("home"), "subject": "", "facts": []},
            result=serializers.result_of_export,
        )
        register_kind(services.EXPORT, kind, may_follow=lambda user: False)

        # Receivers, because sign-in is not our code; everything else says what it did itself.
        user_logged_in.connect(services.record_sign_in, dispatch_uid="audit")
        user_logged_out.connect(services.record_sign_out, dispatch_uid="audit")
        user_login_failed.connect(services.record_failed_sign_in, dispatch_uid="audit")
