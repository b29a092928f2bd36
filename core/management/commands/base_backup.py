"""Copy the whole cluster, encrypted: what the server's log is later replayed upon."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.backup import BackupFailed
from core.backup.log import make_base


class Command(BaseCommand):
    help = "Make an encrypted base backup, for a recovery to any later moment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            self.stdout.write(str(make_base(folder)))
        except BackupFailed as error:
            raise CommandError(str(error)) from error
