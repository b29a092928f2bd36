"""Sign the heads of the audit chains now, or print the public key that verifies them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.anchors import public_key_pem, write_anchor


class Command(BaseCommand):
    help = "Append the signed heads of the audit chains to the anchor files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--print-public-key", action="store_true", help="print the public key and do nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["print_public_key"]:
            self.stdout.write(public_key_pem().strip())
            return
        anchor = write_anchor()
        self.stdout.write(f"{len(anchor['heads'])} heads anchored at {anchor['at']}")
