"""Make the account that invites everybody else. Prints a link that works once; no mail is needed for it."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.delivery import password_link
from accounts.services.people import make_first_administrator
from core.exceptions import PortalError


class Command(BaseCommand):
    help = "On a new installation: make the Secretariat's first administrator and print the link to set a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("full_name")

    def handle(self, *args: Any, email: str, full_name: str, **options: Any) -> None:
        try:
            user = make_first_administrator(email=email, full_name=full_name)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except PortalError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(password_link(user))
