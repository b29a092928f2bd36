"""Make the private key of a demonstration's backups and print its public half; real ones are made elsewhere."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pyrage
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.backup.streams import identities
from core.files import write_secret_once


class Command(BaseCommand):
    help = "For demonstrations and drills: a key pair of age. Prints the public key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if not (settings.OAS_DEMO or settings.DEBUG):
            raise CommandError("Make the key with age-keygen on a machine that keeps no backup.")
        write_secret_once(file, f"{pyrage.x25519.Identity.generate()}\n".encode())
        self.stdout.write(str(identities(file)[0].to_public()))
