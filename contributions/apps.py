from django.apps import AppConfig


class ContributionsConfig(AppConfig):
    name = "contributions"

    def ready(self) -> None:
        from contributions import tasks
        from contributions.models import Attachment
        from core.checked_files import register_files

        register_files(Attachment, task=tasks.process_attachment.name, name="attachment")
