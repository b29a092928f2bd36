"""The head of a document, the plan and its rounds, and the States."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cached_property

from django.utils.translation import get_language, gettext

from core.i18n import NATIVE_NAMES
from evaluations.delivery.content.own_words import OwnWords
from evaluations.delivery.content.words import Json, ResponseWords, dates, name_key
from evaluations.enums import FOURTH_MEETING
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.figures import (
    Response,
    Summary,
)


class Frame:
    """What every part of a document needs."""

    template = "evaluations/document/document.html"

    def __init__(self, evaluation: Evaluation, snapshot: Snapshot, summary: Summary, language: str) -> None:
        self.evaluation, self.snapshot, self.summary, self.language = evaluation, snapshot, summary, language
        self.data: Json = snapshot.content

    @property
    def title(self) -> str:
        return gettext("Evaluation of the Work Plan against Trafficking in Persons in the Western Hemisphere")

    @property
    def subtitle(self) -> str:
        meeting = self.meeting
        if meeting and meeting["number"] != FOURTH_MEETING:
            return gettext("Summary for this Meeting: %(meeting)s") % {"meeting": meeting["title"]}
        return gettext("Summary for the Fourth Meeting of National Authorities on Trafficking in Persons")

    @property
    def meeting(self) -> Json | None:
        """As it was recorded when the data were frozen; data frozen before it was part of them name none."""
        found = self.data.get("meeting")
        if not found:
            return None
        words = {"title": self.text(found["title"]), "place": self.text(found["place"])}
        return {**found, **dates(found, "starts_on", "ends_on"), **words}

    @property
    def running_head(self) -> str:
        return self.evaluation.series

    @property
    def original(self) -> str:
        return NATIVE_NAMES[self.evaluation.original_language]

    @property
    def cutoff(self) -> datetime:
        return self.snapshot.cutoff_at

    @property
    def content_hash(self) -> str:
        return self.snapshot.content_hash

    @property
    def hash_groups(self) -> list[str]:
        """The hash in groups of eight, as people read it out."""
        return [self.content_hash[i : i + 8] for i in range(0, 64, 8)]

    @property
    def is_provisional(self) -> bool:
        return not self.data["catalogue"]["is_official"]

    @property
    def is_original(self) -> bool:
        return self.language == self.evaluation.original_language

    def translated(self, key: str) -> str:
        """Data frozen before there was a desk hold no translations."""
        texts: Mapping[str, str] = self.data.get("translations", {}).get(self.language, {})
        return texts.get(key, "")

    def own_words(self, row: Json, key: str = "", field: str = "text") -> OwnWords:
        """The text of a row in its own language; by the key of the desk with its translation."""
        translation = self.translated(key) if key else ""
        return OwnWords(row[field], row["language"], self.language, translation)

    # --- plan and rounds --------------------------------------------------

    def text(self, four: Mapping[str, str]) -> str:
        return four[get_language() or "en"]

    @property
    def plan(self) -> Json:
        return {**self.data["plan"], **dates(self.data["plan"], "adopted_on", "starts_on", "original_end")}

    @property
    def plan_title(self) -> str:
        return self.text(self.data["plan"]["title"])

    @property
    def amendments(self) -> list[Json]:
        return [
            {**item, **dates(item, "decided_on", "new_end"), "text": self.text(item["text"])}
            for item in self.data["plan"]["amendments"]
        ]

    @property
    def rounds(self) -> list[Json]:
        """The round evaluated and, where there is one, the round it is compared with."""
        return [_dated(round_) for round_ in self.data["rounds"]]

    @property
    def further_rounds(self) -> list[Json]:
        """Those looked at by themselves; data frozen before there were any name none."""
        return [_dated(round_) for round_ in self.data.get("further_rounds", [])]

    @property
    def further_codes(self) -> str:
        return ", ".join(round_["code"] for round_ in self.further_rounds)

    @property
    def all_rounds(self) -> list[Json]:
        """Back in time."""
        return sorted([*self.rounds, *self.further_rounds], key=lambda round_: str(round_["period"]), reverse=True)

    @property
    def round(self) -> Json:
        return self.rounds[0]

    @property
    def compared(self) -> Json | None:
        return self.rounds[1] if len(self.rounds) > 1 else None

    # --- States -----------------------------------------------------------

    @cached_property
    def names(self) -> dict[str, str]:
        return {state["iso2"]: self.text(state["name"]) for state in self.data["states"]}

    def named(self, codes: Iterable[str]) -> list[str]:
        return sorted((self.names[code] for code in codes), key=name_key)

    @property
    def response(self) -> ResponseWords:
        return self._response(self.summary.response)

    @property
    def response_before(self) -> ResponseWords | None:
        return self._response(self.summary.response_before) if self.summary.response_before else None

    def _response(self, of: Response) -> ResponseWords:
        groups = (of.accepted, of.submitted, of.not_reported, of.left_out)
        return ResponseWords(of, *(self.named(group) for group in groups))

    @property
    def not_participating(self) -> list[str]:
        return sorted((self.text(state["name"]) for state in self.data["not_participating"]), key=name_key)

    @property
    def not_covered(self) -> list[str]:
        """Data frozen before a definition named its States cover all of them."""
        return sorted((self.text(state["name"]) for state in self.data.get("not_covered", [])), key=name_key)

    @property
    def covered(self) -> list[str]:
        return self.named(self.names)

    @cached_property
    def activities(self) -> dict[str, Json]:
        return {activity["code"]: activity for activity in self.data["activities"]}

    @property
    def excluded(self) -> list[Json]:
        """States left out, with the reason in the words of whoever gave it."""
        return [
            {
                **row,
                "name": self.text(row["name"]),
                "words": self.own_words(row, f"exclusion:{row['iso2']}", "reason"),
            }
            for row in self.data["excluded"]
        ]


def _dated(round_: Json) -> Json:
    start, end = (date.fromisoformat(day) for day in round_["period"])
    return {**round_, **dates(round_, "due_on", "opened_on", "closed_on"), "start": start, "end": end}
