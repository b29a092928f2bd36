"""What stands beside the reports: institutions, statistics, contributions, assistance, networks, elements, comments."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property

from django.utils.translation import gettext

from contributions.enums import Kind
from core.templatetags.portal import month_date
from evaluations.delivery.content.frame import Frame
from evaluations.delivery.content.own_words import OwnWords
from evaluations.delivery.content.statistics import StatisticsWords, statistics_words
from evaluations.delivery.content.words import Json, dates, name_key
from evaluations.enums import FollowUpStatus, Suggestion
from evaluations.queries.law import last_of, law_day, plan_force
from evaluations.queries.translations import comment_key, contribution_keys, element_key, reply_key
from networks.enums import Act, Level, Topic


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
        return [{"state": self.names[code], "bodies": known.get(code, [])} for code in self._in_order]

    # --- plans and treaties -----------------------------------------------

    @property
    def holds_law(self) -> bool:
        """Data frozen before the portal kept the register have no place for it."""
        return "law" in self.sections

    @property
    def law(self) -> Json:
        return self.sections.get("law") or {"plans": [], "treaties": [], "acts": []}

    @property
    def law_day(self) -> date:
        return law_day(self.data)

    @property
    def law_plans(self) -> list[Json]:
        """Of all States, in alphabetical order; where none is registered there is none to show."""
        known: dict[str, list[Json]] = {}
        for row in self.law["plans"]:
            known.setdefault(row["state"], []).append(self._plan(row))
        return [{"state": self.names[code], "plans": known.get(code, [])} for code in self._in_order]

    def _plan(self, row: Json) -> Json:
        standing = str(plan_force(row, self.law_day).label)
        found = dates(row, "from", "until")
        return {**row, "start": found["from"], "end": found["until"], "standing": standing}

    @property
    def treaties(self) -> list[Json]:
        return [{**row, **dates(row, "adopted_on"), "title": self.text(row["name"])} for row in self.law["treaties"]]

    @property
    def law_matrix(self) -> list[Json]:
        """States by name, the treaties of the register beside them; no order follows from it."""
        codes = [row["code"] for row in self.law["treaties"]]
        return [
            {"state": self.names[state], "cells": [self._last_act(state, code) for code in codes]}
            for state in self._in_order
        ]

    def _last_act(self, state: str, treaty: str) -> str:
        found = last_of(self.law["acts"], state, treaty, self.law_day)
        return f"{Act(found[0]).label}, {month_date(found[1], 'short')}" if found else "—"

    @property
    def law_acts(self) -> list[Json]:
        """Every act, with the names of its State and treaty."""
        titles = {row["code"]: self.text(row["name"]) for row in self.law["treaties"]}
        return [
            {**row, **dates(row, "on"), "name": self.names[row["state"]], "title": titles[row["treaty"]],
             "label": str(Act(row["act"]).label)}
            for code in self._in_order
            for row in self.law["acts"]
            if row["state"] == code
        ]  # fmt: skip

    @property
    def _in_order(self) -> list[str]:
        return sorted(self.names, key=lambda code: name_key(self.names[code]))

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
                "words": self._contribution(row),
                "states": self._known(row["states"]),
                "replies": [self._reply(reply, row["reference"]) for reply in row["replies"]],
            }
            for row in (found["contributions"] if found else [])
        ]

    @cached_property
    def practice_contributions(self) -> list[Json]:
        """Those that describe good practice; older data do not hold the kind."""
        found = self.sections["contributions"]
        return [row for row in (found["contributions"] if found else []) if row.get("kind") == Kind.GOOD_PRACTICE]

    def _contribution(self, row: Json) -> OwnWords:
        """Translated with its title. In older data the translations are part of the row."""
        found = row.get("translations", {}).get(self.language)
        text, title = (self.translated(key) for key in contribution_keys(row["reference"]))
        text, title = (found["text"], found["title"]) if found else (text, title)
        return OwnWords(row["text"], row["language"], self.language, text, title)

    def _reply(self, reply: Json, reference: str) -> Json:
        words = self.own_words(reply, reply_key(reply["state"], reference))
        return {**reply, "state": self.names.get(reply["state"], ""), "words": words}

    @cached_property
    def statistics(self) -> StatisticsWords | None:
        found = self.sections["statistics"]
        return statistics_words(found, self.statistics_tables(found)) if found else None

    def statistics_tables(self, found: Json) -> list[Json]:
        """Of all States together."""
        tables: list[Json] = found.get("tables", [])  # data frozen before tables were part of them have none
        return tables

    @property
    def conclusions(self) -> list[Json]:
        """What the Meeting before concluded, and how it stands; older data hold none."""
        return [
            {
                "number": row["number"],
                "meaning": row["meaning"][self.language],
                "status": str(FollowUpStatus(row["stands"]["status"]).label) if row["stands"] else "—",
                "words": self.own_words(row["stands"]) if row["stands"] else None,
            }
            for row in self.data.get("conclusions", ())
        ]

    @property
    def elements(self) -> list[Json]:
        """What the Secretariat suggests per activity; empty until somebody writes it."""
        return [
            {
                **row,
                "number": self.activities[row["key"]]["number"] if row["key"] in self.activities else row["key"],
                "suggestion": str(Suggestion(row["suggestion"]).label),
                "merged_with": self._merged_with(row),
                "words": self.own_words(row, element_key(row["key"])),
            }
            for row in self.data["elements"]
        ]

    def _merged_with(self, row: Json) -> str:
        """What stays, by number and title; data frozen before it was asked do not say."""
        if row["suggestion"] != Suggestion.MERGE:
            return ""
        key = row.get("merge_into") or gettext("with which one is not recorded")
        found = self.activities.get(key)
        return f"{found['number']} {self.text(found['title'])}" if found else key

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
                "words": self.own_words(row, comment_key(row["state"], row["area"])),
            }
            for row in self.data.get("comments", [])  # data frozen before States could comment have none
        ]
