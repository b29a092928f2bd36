from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# Pages whose filters can be kept under a name. Boxes that are typed into are left out: a name could stand in one.
VIEWS = (
    ("dashboard", _("Dashboard"), ("period", "compare")),
    ("dashboard_answers", _("Answers"), ("period", "compare", "area", "status", "state", "activity")),
    ("review_queue", _("Review"), ("round", "status")),
    ("contribution_list", _("Contributions"), ("status", "kind", "activity")),
    ("request_list", _("Requests"), ("side", "status", "kind")),
    ("assistance_list", _("Technical assistance"), ("side", "topic")),
    ("network_list", _("Networks"), ("level",)),
)


class PortalConfig(AppConfig):
    name = "oas_trafficking"

    def ready(self) -> None:
        # Makes the Celery application current in every process, the web included.
        from accounts.services import register_page
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

        for name, label, filters in VIEWS:
            register_page(name, label, *filters)

        # Receivers, because sign-in is not our code; everything else says what it did itself.
        user_logged_in.connect(services.record_sign_in, dispatch_uid="audit")
        user_logged_out.connect(services.record_sign_out, dispatch_uid="audit")
        user_login_failed.connect(services.record_failed_sign_in, dispatch_uid="audit")
