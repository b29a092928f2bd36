"""The six digits an authenticator app would show for a demo account."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from oas_trafficking.demo.credentials import current_code, require_demo


class Command(BaseCommand):
    help = "Print the current sign-in code of a demo account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        require_demo()
        email = options["email"].lower()
        if not email.endswith(".example") or not User.objects.filter(email=email).exists():
            raise CommandError(f"{email} is not a demo account; see demo_accounts.")
        self.stdout.write(current_code(email))
