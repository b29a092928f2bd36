"""After the database was brought back to a moment: hold what may have been sent, and look at the trail."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from core.backup import BackupFailed, restore
from core.backup.streams import identities


class Command(BaseCommand):
    help = "Finish a recovery to a moment. Run as the owner, before any other process is started."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--until", type=datetime.fromisoformat, required=True)
        parser.add_argument("--keys", type=Path, help="folder of the key store's backup, for an empty machine")
        parser.add_argument("--keys-identity", type=Path, help="file with the private key of the key store's backup")
        parser.add_argument("--public-key", help="PEM file of the audit key's public half, kept elsewhere")

    def handle(self, *args: Any, until: datetime, **options: Any) -> None:
        try:
            if options["keys"]:
                restore.restore_key_store(options["keys"], identities(options["keys_identity"]))
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        held = restore.hold_what_was_being_sent()
        self.stdout.write(f"mails     {held} were open at that moment and are held: nothing is sent twice")
        try:
            call_command("verify_audit", public_key=options["public_key"], stdout=self.stdout)
        except SystemExit:
            # Heads that were anchored afterwards still vouch for what was given up; everything else is a fault.
            self.stdout.write("trail     tails that are cut at the moment itself are what was given up")
        for name, act in restore.BEFORE_OPENING:
            self.stdout.write(f"{name:<10}{act()}")
        restore.note_recovery(until, held=held)
