"""Who can sign in to the demonstration, and how."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import RoleAssignment
from oas_trafficking.demo.credentials import PASSWORD, require_demo

NAMED = (
    "ana@cr.example",
    "beto@cr.example",
    "bruno@cr.example",
    "marta@cr.example",
    "carla@gt.example",
    "focal@gt.example",
    "approver@gt.example",
    "denise@oas.example",
    "didier@oas.example",
    "delia@oas.example",
    "evan@meeting.example",
    "paula@partner.example",
    "iris@cr.example",
    "diana@cr.example",
    "rita@cr.example",
    "carmen@cr.example",
)


class Command(BaseCommand):
    help = "Print the demo accounts, their password and how to get a code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="the accounts of every State")

    def handle(self, *args: Any, **options: Any) -> None:
        require_demo()
        everybody = RoleAssignment.objects.filter(user__email__endswith=".example")
        rows = list(everybody.select_related("user", "institution__state").order_by("pk"))
        if not options["all"]:
            rows = sorted((row for row in rows if row.user.email in NAMED), key=lambda row: NAMED.index(row.user.email))
        for row in rows:
            self.stdout.write(_line(row))
        self.stdout.write(f"\nPassword of all: {PASSWORD}")
        self.stdout.write("Code of an account: ./portal manage demo_code ana@cr.example")
        if not options["all"]:
            self.stdout.write("Every State has focal@, contributor@ and approver@ its code, such as focal@br.example.")


def _line(row: RoleAssignment) -> str:
    role = row.get_role_display() if row.user.is_active else f"{row.get_role_display()} (inactive)"
    place = row.institution.state.name_en if row.institution.state else ""
    return f"{row.user.full_name:<20} {row.user.email:<24} {row.user.language:<6} {role}{', ' if place else ''}{place}"
