"""Lay out a base backup and the log after it, for a server that recovers to a moment."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.backup import BackupFailed
from core.backup.log import unpack
from core.backup.streams import identities


class Command(BaseCommand):
    help = "Decrypt the newest base backup before a moment, and the log after it, into two new folders."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where base_backup and ship_log have put them")
        parser.add_argument("--until", type=datetime.fromisoformat, required=True, help="moment, with its zone")
        parser.add_argument("--identity", type=Path, required=True, help="file with the private key of the backups")
        parser.add_argument("--data", type=Path, required=True, help="folder of the new cluster")
        parser.add_argument("--log", type=Path, required=True, help="folder for restore_command to copy from")

    def handle(self, *args: Any, until: datetime, **options: Any) -> None:
        if until.tzinfo is None:
            raise CommandError("The moment needs its zone: 2014-03-10T12:00:00Z")
        folders = options["folder"], until, options["data"], options["log"]
        try:
            self.stdout.write(str(unpack(*folders, identities(options["identity"]))))
        except BackupFailed as error:
            raise CommandError(str(error)) from error
