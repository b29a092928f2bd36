"""Add fictitious contacts, networks and requests to the demonstration."""

import random
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from networks.models import Desk
from oas_trafficking.demo.credentials import require_demo
from oas_trafficking.demo.networks import create_networks

SEED = 2014


class Command(BaseCommand):
    help = "Make the demonstration of networks: contacts of each State, a network with a room, requests of 2014."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        require_demo()
        if Desk.objects.exists():
            return
        call_command("load_networks", verbosity=0)
        create_networks(random.Random(SEED))  # noqa: S311 - the same rows each time is the point
        if options["verbosity"]:
            self.stdout.write(f"Fictitious contacts: {Desk.objects.count()}.")
