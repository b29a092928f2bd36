"""Take the finished pieces of the server's log out of its spool, encrypted."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.backup import BackupFailed
from core.backup.log import ship


class Command(BaseCommand):
    help = "Encrypt what PostgreSQL's archive_command has laid into the spool, and empty the spool."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("spool", type=Path)
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, spool: Path, folder: Path, **options: Any) -> None:
        try:
            self.stdout.write(f"{ship(spool, folder)} pieces of the log were kept")
        except BackupFailed as error:
            raise CommandError(str(error)) from error
