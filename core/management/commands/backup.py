"""Make a backup: database, record keys and files, each encrypted, in a new folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.backup import BackupFailed
from core.backup.make import back_up_key_store, make_backup


class Command(BaseCommand):
    help = "Make an encrypted backup in a new folder; with --keys, of the key store instead."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where the new folder is put")
        parser.add_argument("--keys", action="store_true", help="the key store: for other keepers, in another place")

    def handle(self, *args: Any, folder: Path, keys: bool, **options: Any) -> None:
        try:
            made = back_up_key_store(folder) if keys else make_backup(folder)
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(made))
