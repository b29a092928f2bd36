"""Fill an empty portal with fictitious people and reports, the same on every machine."""

import random
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import State, User
from oas_trafficking.demo.contributions import create_contributions
from oas_trafficking.demo.credentials import require_demo
from oas_trafficking.demo.evaluations import create_evaluation
from oas_trafficking.demo.people import create_people
from oas_trafficking.demo.reports import create_rounds, publish_some
from workplan.models import Plan, Report, Round

SEED = 2551  # the number of the resolution that adopted the Plan


class Command(BaseCommand):
    help = "Make the demonstration: accounts for every participating State, two closed rounds and an open one."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        require_demo()
        if User.objects.filter(email="ana@cr.example").exists():
            self._say(options, "The demonstration is already there; nothing changed.")
            return
        if User.objects.exists() or Round.objects.exists():
            raise CommandError(
                "There are accounts or rounds already; the demonstration goes into an empty portal only."
            )
        seed()
        self._say(options, f"Fictitious data: {User.objects.count()} accounts, {Report.objects.count()} reports.")

    def _say(self, options: dict[str, Any], text: str) -> None:
        if options["verbosity"]:
            self.stdout.write(text)


def seed() -> None:
    call_command("load_states", verbosity=0)
    call_command("load_plan", verbosity=0)
    call_command("load_meetings", verbosity=0)
    rng = random.Random(SEED)  # noqa: S311 - the same rows each time is the point
    states = list(State.objects.participating().order_by("iso2").distinct())
    people = create_people(states, rng)
    create_rounds(Plan.objects.get(slug="wp-2010"), states, people, rng)
    publish_some(people)
    create_contributions(people)
    create_evaluation(people.denise)
