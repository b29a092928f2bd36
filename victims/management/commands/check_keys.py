"""Whether the keys of records open, with the keys of this machine. No text of a case is touched."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import State
from core.db import SealedContext, sealed_scope
from victims import vault


class Command(BaseCommand):
    help = "Unwrap a random sample of each State's record keys; the exit code is 1 if one does not open."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sample", type=int, default=100, help="of each State (100)")

    def handle(self, *args: Any, sample: int, **options: Any) -> None:
        tried = failed = 0
        for state in State.objects.values_list("iso2", flat=True):
            with sealed_scope(SealedContext(state, "check_keys")):
                opened = vault.check_keys(sample)
            tried, failed = tried + len(opened), failed + opened.count(False)
        self.stdout.write(f"{tried} keys of records tried, {failed} do not open")
        if failed:
            raise SystemExit(1)
