from django.apps import AppConfig


class NetworksConfig(AppConfig):
    name = "networks"

    def ready(self) -> None:
        from core.checked_files import register_files
        from networks import tasks
        from networks.models import Document

        register_files(Document, task=tasks.process_document.name, name="document")
