"""What stands beside the reports: institutions, statistics, contributions, assistance, networks, elements, comments."""

from collections.abc import Iterable
from functools import cached_property

from core.i18n import NATIVE_NAMES
from evaluations.delivery.content.frame import Frame
from evaluations.delivery.content.statistics import StatisticsWords, statistics_words
from evaluations.delivery.content.words import Json, dates, name_key
from evaluations.enums import Suggestion
from networks.enums import Level, Topic


class Sections(Frame):
    @property
    def sections(self) -> Json:
        found: Json = self.data["sections"]
        return found

    @property
    def authorities(self) -> list[Json]:
        """Of all States, in alphabetical order; a State without an established body has none."""
        found = self.sections["institutions"]
        rows = found["authorities"] if found else []
        known: dict[str, list[Json]] = {}
        for row in rows:
            known.setdefault(row["state"], []).append(row)
        order = sorted(self.names, key=lambda code: name_key(self.names[code]))
        return [{"state": self.names[code], "bodies": known.get(code, [])} for code in order]

    @property
    def networks(self) -> list[Json]:
        found = self.sections["networks"]
        rows = found["networks"] if found else []
        return [
            {"name": self.text(row["name"]), "level": str(Level(row["level"]).label), "seats": row["seats"]}
            for row in rows
        ]

    @property
    def agreements(self) -> list[Json]:
        found = self.sections["agreements"]
        rows = found["agreements"] if found else []
        return [{**row, "parties": self._known(row["parties"])} for row in rows]

    @property
    def assistance(self) -> list[Json]:
        """The matrix of technical assistance: a topic a row; States by name, in alphabetical order."""
        found = self.sections["assistance"]
        topics = found["topics"] if found else []
        return [
            {
                **topic,
                "label": str(Topic(topic["topic"]).label),
                "needs": self._known(topic["needs"]),
                "offers": [*self._known(topic["offers"]), *topic["other_offers"]],
            }
            for topic in topics
        ]

    def _known(self, codes: Iterable[str]) -> list[str]:
        return self.named(code for code in codes if code in self.names)

    @property
    def contributions(self) -> list[Json]:
        found = self.sections["contributions"]
        return [
            {
                **row,
                "language_name": NATIVE_NAMES[row["language"]],
                "translation": row.get("translations", {}).get(self.language),  # older data hold none
                "states": self._known(row["states"]),
                "replies": [{**reply, "state": self.names.get(reply["state"], "")} for reply in row["replies"]],
            }
            for row in (found["contributions"] if found else [])
        ]

    @cached_property
    def statistics(self) -> StatisticsWords | None:
        found = self.sections["statistics"]
        return statistics_words(found, self.statistics_tables(found)) if found else None

    def statistics_tables(self, found: Json) -> list[Json]:
        """Of all States together."""
        tables: list[Json] = found.get("tables", [])  # data frozen before tables were part of them have none
        return tables

    @property
    def elements(self) -> list[Json]:
        """What the Secretariat suggests per activity; empty until somebody writes it."""
        return [
            {
                **row,
                "number": self.activities[row["key"]]["number"] if row["key"] in self.activities else row["key"],
                "suggestion": str(Suggestion(row["suggestion"]).label),
                "translation": self.translated(f"element:{row['key']}"),
            }
            for row in self.data["elements"]
        ]

    @property
    def comments(self) -> list[Json]:
        """States on their own paragraphs, word for word; empty until they are asked."""
        titles = {area["code"]: self.text(area["title"]) for area in self.data["areas"]}
        return [
            {
                **row,
                **dates(row, "on"),
                "state": self.names[row["state"]],
                "area": titles.get(row["area"], ""),
                "language_name": NATIVE_NAMES[row["language"]],
            }
            for row in self.data.get("comments", [])  # data frozen before States could comment have none
        ]
