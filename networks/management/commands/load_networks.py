"""Load the groupings of States that public sources name as networks, and the treaties, each with its source."""

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.enums import Confidence, InstitutionKind
from accounts.models import Grouping, Institution, State
from networks.enums import Level, SeatRole
from networks.models import LegalInstrument, Network, Seat

INSTRUMENTS = Path(__file__).parents[2] / "data" / "instruments.csv"
LANGUAGE_COLUMNS = ("es", "en", "fr", "pt_br")
# The one continental network that the sources of the Plan describe: the authorities that meet.
MEETING = {
    "slug": "national-authorities",
    "name_es": "Autoridades nacionales en materia de trata de personas",
    "name_en": "National authorities on trafficking in persons",
    "name_fr": "Autorités nationales en matière de traite des personnes",
    "name_pt_br": "Autoridades nacionais em matéria de tráfico de pessoas",
    "legal_basis": "CP/RES. 889; AG/RES. 2256; AG/RES. 2456",
    "source": "Meetings of Isla Margarita (2006), Buenos Aires (2009) and Guatemala City (2012)",
    "activity_code": "COO-01",
}


class Command(BaseCommand):
    help = "Load networks from the groupings of load_states; a second run changes nothing that people wrote."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        for grouping in Grouping.objects.prefetch_related("members"):
            load_grouping(grouping)
        load_meeting()
        load_instruments()
        if options["verbosity"]:
            self.stdout.write(f"{Network.objects.count()} networks, {Seat.objects.count()} seats.")


def load_grouping(grouping: Grouping) -> None:
    names = {f"name_{end}": getattr(grouping, f"name_{end}") for end in LANGUAGE_COLUMNS}
    network, _created = Network.objects.get_or_create(
        slug=grouping.slug,
        defaults={
            **names,
            "level": Level.REGIONAL,
            "acronym": grouping.acronym,
            "legal_basis": grouping.legal_basis,
            "source": grouping.source,
            "confidence": grouping.confidence,
            "is_listed": True,
        },
    )
    for member in grouping.members.all():
        Seat.objects.get_or_create(
            network=network,
            state_id=member.state_id,
            institution=None,
            valid_from=member.valid_from,
            defaults={"valid_to": member.valid_to, "source": member.source, "confidence": member.confidence},
        )


def load_meeting() -> None:
    """Seats of the States that take part today; the General Secretariat serves as secretariat and coordinates."""
    known = {key: value for key, value in MEETING.items() if key != "slug"}
    network, created = Network.objects.get_or_create(
        slug=MEETING["slug"],
        defaults={**known, "level": Level.CONTINENTAL, "is_listed": True, "confidence": Confidence.VERIFIED},
    )
    if not created:
        return
    for state in State.objects.participating().distinct():
        Seat.objects.create(network=network, state=state, source=MEETING["source"], confidence=Confidence.VERIFIED)
    secretariat = Institution.objects.filter(kind=InstitutionKind.SECRETARIAT).order_by("pk").first()
    if secretariat is not None:
        Seat.objects.create(
            network=network, institution=secretariat, role=SeatRole.COORDINATOR, source=MEETING["source"]
        )


def load_instruments() -> None:
    """As the file has them, in its order; a correction of the file arrives with the next run."""
    with INSTRUMENTS.open(encoding="utf-8", newline="") as file:
        for position, row in enumerate(csv.DictReader(file)):
            code = row.pop("code")
            LegalInstrument.objects.update_or_create(code=code, defaults={**row, "position": position})
