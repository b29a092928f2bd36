from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import checks, clocks, db, logs  # noqa: F401

        post_migrate.connect(db.grant_app_rights, sender=self)
        connection_created.connect(logs.watch_connection)
        connection_created.connect(clocks.measure_at_connection)
