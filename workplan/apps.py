from django.apps import AppConfig


class WorkplanConfig(AppConfig):
    name = "workplan"

    def ready(self) -> None:
        from accounts.services import register_handover
        from workplan.services import EntryHandover

        register_handover(EntryHandover())
