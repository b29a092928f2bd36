from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from accounts import middleware, services, tasks
        from accounts.models import NoteDocument
        from core.checked_files import register_files

        register_files(NoteDocument, task=tasks.process_note.name, name="note")
        user_logged_in.connect(middleware.start_session, dispatch_uid="session limits")
        authenticator_added.connect(middleware.end_other_sessions, dispatch_uid="no older session")
        authenticator_added.connect(services.spend_activation_code, dispatch_uid="single use")
