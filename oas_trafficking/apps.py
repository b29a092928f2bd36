from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed


class PortalConfig(AppConfig):
    name = "oas_trafficking"

    def ready(self) -> None:
        # Makes the Celery application current in every process, the web included.
        from oas_trafficking import celery, services  # noqa: F401

        # Receivers, because sign-in is not our code; everything else says what it did itself.
        user_logged_in.connect(services.record_sign_in, dispatch_uid="audit")
        user_logged_out.connect(services.record_sign_out, dispatch_uid="audit")
        user_login_failed.connect(services.record_failed_sign_in, dispatch_uid="audit")
