"""Bring a backup back into an empty installation and prove that it is all there. One line for each step."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from core.backup import BackupFailed, restore
from core.backup.streams import Identities, identities


class Command(BaseCommand):
    help = "Restore a backup into an empty database. Run as the owner, with every other process stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path)
        parser.add_argument("--identity", type=Path, required=True, help="file with the private key of the backups")
        parser.add_argument("--keys", type=Path, help="folder of the key store's backup")
        parser.add_argument("--keys-identity", type=Path, help="file with the private key of the key store's backup")
        parser.add_argument("--public-key", help="PEM file of the audit key's public half, kept elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._restore(identities(options["identity"]), **options)
        except BackupFailed as error:
            raise CommandError(str(error)) from error

    def _restore(self, with_keys: Identities, *, backup: Path, public_key: str | None, **options: Any) -> None:
        if options["keys"]:
            restore.restore_key_store(options["keys"], identities(options["keys_identity"]))
            self._say("key store", "unpacked")
        manifest = restore.read_manifest(backup, with_keys, public_key)
        self._say("backup", f"made at {manifest['made_at']}, signature and {len(manifest['parts'])} parts are right")
        restore.restore_database(backup, with_keys)
        restore.restore_files(backup, with_keys)
        different = restore.compare(manifest)
        rows = sum(rows for rows, _ in manifest["tables"].values())
        self._say("rows", f"{rows} in {len(manifest['tables'])} tables, {len(different)} tables differ {different}")
        call_command("verify_audit", public_key=public_key, stdout=self.stdout)
        for name, act in restore.BEFORE_OPENING:
            self._say(name, act())
        held = restore.hold_what_was_being_sent()
        restore.note_restore(manifest, held=held, different=different)
        self._say("mails", f"{held} were open in the backup and are held: nothing is sent twice")
        if different:
            raise BackupFailed("What came back is not what was kept.")

    def _say(self, what: str, text: str) -> None:
        self.stdout.write(f"{what:<10}{text}")
