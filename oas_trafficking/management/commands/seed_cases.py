"""Add case records of invented people to the demonstration. Only where the process serves the sealed area."""

from typing import Any

from django.core.management.base import BaseCommand

from oas_trafficking.demo.cases import create_cases
from oas_trafficking.demo.credentials import require_demo


class Command(BaseCommand):
    help = "Make the demonstration of case records: three people who do not exist, in Costa Rica."

    def handle(self, *args: Any, **options: Any) -> None:
        require_demo()
        made = create_cases()
        if options["verbosity"]:
            self.stdout.write(f"Fictitious case records: {made}.")
