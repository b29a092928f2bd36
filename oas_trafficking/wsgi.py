"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oas_trafficking.settings")

application = get_wsgi_application()

from core.clocks import measure_at_start  # noqa: E402

measure_at_start()
