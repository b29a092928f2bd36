"""What the sealed area needs before the first request: a signing key known to both sides, and keys of each State."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.models import State
from core import keys
from core.db import install_signing_key
from core.files import read_secret, write_secret_once
from core.keys import KeyRefused
from victims.enums import FieldClass

PURPOSES = (*FieldClass.values, "index")


class Command(BaseCommand):
    help = "Makes the keys of the sealed area that are missing. Run as the owner of the database, after migrate."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.SEALED_SIGNING_KEY_FILE)
        write_secret_once(path, secrets.token_bytes(32))
        install_signing_key(read_secret(path))
        made = sum(_make_missing(state) for state in State.objects.values_list("iso2", flat=True))
        self.stdout.write(f"{made} keys made")


def _make_missing(state: str) -> int:
    made = 0
    for purpose in PURPOSES:
        try:
            keys.provider().newest(state, purpose)
        except KeyRefused:
            keys.provider().rotate(state, purpose)
            made += 1
    return made
