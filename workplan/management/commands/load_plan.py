"""Load the Work Plan, its amendment, areas and the provisional catalogue from workplan/data."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from workplan.models import Activity, Area, Plan, PlanAmendment
from workplan.services import import_catalogue

DATA = Path(__file__).resolve().parents[2] / "data"
LANGUAGE_COLUMNS = ("es", "en", "fr", "pt_br")


def four(base: str, texts: dict[str, str]) -> dict[str, str]:
    return {f"{base}_{end}": texts[end] for end in LANGUAGE_COLUMNS}


def source_text(sources: list[Any]) -> str:
    return "; ".join(item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in sources)[:300]


class Command(BaseCommand):
    help = "Load the Work Plan and its provisional catalogue; a second run changes nothing."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        content = json.loads((DATA / "plan.json").read_text(encoding="utf-8"))
        plan = load_plan(content["plan"])
        for amendment in content["amendments"]:
            load_amendment(plan, amendment, content["meetings"])
        for area in content["areas"]:
            Area.objects.update_or_create(
                plan=plan, code=area["code"], defaults={"position": area["order"], **four("title", area["title"])}
            )
        if not plan.catalogues.exists():
            load_catalogue(plan, DATA / "catalogue.csv")
        if options["verbosity"]:
            self.stdout.write(f"{plan}: {Activity.objects.filter(catalogue__plan=plan).count()} activities.")


def load_plan(content: dict[str, Any]) -> Plan:
    plan, _ = Plan.objects.update_or_create(
        slug=content["slug"],
        defaults={
            **four("title", content["title"]),
            "resolution": content["resolution"],
            "adopted_on": date.fromisoformat(content["adopted_on"]),
            "start_date": date.fromisoformat(content["period_starts_on"]),
            "original_end_date": date.fromisoformat(content["period_ends_on"]),
            "source": source_text(content["sources"]),
        },
    )
    return plan


def load_amendment(plan: Plan, content: dict[str, Any], meetings: list[dict[str, Any]]) -> None:
    meeting = next(item for item in meetings if item["number"] == content["meeting"])
    PlanAmendment.objects.update_or_create(
        plan=plan,
        decided_on=date.fromisoformat(content["decided_on"]),
        defaults={
            **four("text", content["decision"]),
            "meeting": meeting["title"]["en"],
            "symbol": content["symbol"] or "",
            "new_end_date": date.fromisoformat(content["new_end"]),
            "source": source_text(content["sources"]),
        },
    )


def load_catalogue(plan: Plan, path: Path) -> None:
    """The first version of the catalogue; later versions come in by import_catalogue."""
    import_catalogue(plan=plan, content=path.read_bytes(), name=path.name)
