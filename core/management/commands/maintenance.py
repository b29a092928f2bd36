"""Close the portal for a while, or open it again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.maintenance import flag


class Command(BaseCommand):
    help = "Every page answers 503 from `on` to `off`; work under way goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mode", choices=("on", "off"))

    def handle(self, *args: Any, mode: str, **options: Any) -> None:
        if mode == "on":
            flag().touch()
        else:
            flag().unlink(missing_ok=True)
        self.stdout.write(f"Maintenance is {mode}.")
