"""For processes that a test starts: its settings, and mails kept as files, where another process can count them."""

from oas_trafficking.settings_test import *  # noqa: F403

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
