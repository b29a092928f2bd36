"""The Celery application. Tasks are published by the outbox relay alone (core.jobs)."""

import os

from celery import Celery
from celery.signals import heartbeat_sent
from django.apps import apps

from core.alive import leave_sign

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oas_trafficking.settings")

app = Celery("oas_trafficking")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Timed tasks sit above services and call them, so they have a file of their own.
app.autodiscover_tasks(lambda: [config.name for config in apps.get_app_configs()], related_name="schedule")
heartbeat_sent.connect(leave_sign)
