"""Load the register of the Meetings: facts and documents from the plan's file, agenda and conclusions from our own."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import State
from evaluations.models import AgendaItem, Conclusion, Meeting, MeetingDocument, Officer
from workplan.management.commands.load_plan import DATA as PLAN_DATA
from workplan.management.commands.load_plan import four
from workplan.queries import current_catalogue

DATA = Path(__file__).resolve().parents[2] / "data"
LANGUAGES = {"pt": "pt-br"}  # as the file names it


class Command(BaseCommand):
    help = "Load the Meetings that are not in the register yet; a second run changes nothing that people wrote."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        plan, own = _read(PLAN_DATA / "plan.json"), _read(DATA / "meetings.json")
        known = set(Meeting.objects.values_list("number", flat=True))
        new = [load_meeting(row) for row in plan["meetings"] if row["number"] not in known]
        positions: Counter[int] = Counter()
        for block in own["agenda"]:
            load_agenda(block, new, positions)
        meanings = {theme["code"]: theme["meaning"] for theme in plan["themes"]}
        load_conclusions(own["conclusions"], new, meanings)
        if options["verbosity"]:
            self.stdout.write(f"{Meeting.objects.count()} Meetings, {Conclusion.objects.count()} conclusions.")


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def load_meeting(row: dict[str, Any]) -> Meeting:
    meeting = Meeting.objects.create(
        number=row["number"],
        **four("title", row["title"]),
        **four("place", row["place"]),
        host=State.objects.get(iso2=row["host"]),
        starts_on=date.fromisoformat(row["starts_on"]),
        ends_on=date.fromisoformat(row["ends_on"]),
        series=row["series"] or "",
    )
    for officer in row["officers"]:
        state = State.objects.get(iso2=officer["state"])
        Officer.objects.create(meeting=meeting, role=officer["role"], name=officer["name"], state=state)
    for paper in row["documents"]:
        load_document(meeting, paper)
    return meeting


def load_document(meeting: Meeting, paper: dict[str, Any]) -> None:
    original = paper["original_language"] or ""
    MeetingDocument.objects.create(
        meeting=meeting,
        symbol=paper["symbol"] or "",
        revision=paper["revision"],
        dated_on=_day(paper["date"]),
        original_language=LANGUAGES.get(original, original),
        title=paper["title"],
        title_language="en",
        note=paper["note"] or "",
        source=paper["source"],
    )


def load_agenda(block: dict[str, Any], new: list[Meeting], positions: "Counter[int]") -> None:
    for meeting in (meeting for meeting in new if meeting.number == block["meeting"]):
        for item in block["items"]:
            positions[meeting.number] += 1
            AgendaItem.objects.create(
                meeting=meeting, position=positions[meeting.number], **four("title", item), source=block["source"]
            )


def load_conclusions(block: dict[str, Any], new: list[Meeting], meanings: dict[str, Any]) -> None:
    """Points of a theme take its meaning from the plan, and its activities from the catalogue's tags."""
    for meeting in (meeting for meeting in new if meeting.number == block["meeting"]):
        for position, point in enumerate(block["points"], start=1):
            theme = point.get("theme", "")
            Conclusion.objects.create(
                meeting=meeting,
                number=point["number"],
                position=position,
                **four("meaning", meanings[theme] if theme else point["meaning"]),
                source=block["source"] % {"number": point["number"]},
                responsible=point["responsible"],
                activities=activities_of(theme) if theme else point["activities"],
                due_on=_day(point["due_on"]),
            )


def activities_of(theme: str) -> list[str]:
    tagged = current_catalogue().activities.filter(themes__contains=[theme])
    return list(tagged.values_list("code", flat=True))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
