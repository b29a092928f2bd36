from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import checks, db  # noqa: F401

        post_migrate.connect(db.grant_app_rights, sender=self)
