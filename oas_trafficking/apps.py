from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "oas_trafficking"

    def ready(self) -> None:
        # Makes the Celery application current in every process, the web included.
        from oas_trafficking import celery  # noqa: F401
