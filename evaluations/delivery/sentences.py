"""Sentences made from figures by rules, in the language that is active. No word in them was chosen by hand.

Each rule has its own forms for none, one and several, so that number and gender are right in every language, and
each sentence tells which figures it says and by which query over the frozen data they are found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext_lazy

from core.templatetags.portal import percent, thousands
from evaluations.queries.figures import Row, Summary, percent_of, reporters
from networks.enums import Level
from workplan.enums import Obstacle

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """The forms of one sentence: none at all, and one or several by the grammar of the language."""

    none: Promise
    some: Any  # ngettext_lazy over "count"


@dataclass(frozen=True)
class Sentence:
    number: int
    place: str  # key of the chapter or area it stands in
    text: str
    query: str  # function and arguments over the frozen data
    figures: Mapping[str, int]

    @property
    def reference(self) -> str:
        return f"S{self.number}"


RULES: dict[str, Rule] = {
    "response": Rule(
        gettext_lazy("None of the %(total)s participating States has an accepted report for the period %(round)s."),
        ngettext_lazy(
            "%(n)s of %(total)s participating States has an accepted report for the period %(round)s (%(share)s).",
            "%(n)s of %(total)s participating States have an accepted report for the period %(round)s (%(share)s).",
            "count",
        ),
    ),
    "status": Rule(
        gettext_lazy("None of the %(total)s answers on the scale is mostly or fully implemented."),
        ngettext_lazy(
            "%(n)s of %(total)s answers on the scale is mostly or fully implemented (%(share)s).",
            "%(n)s of %(total)s answers on the scale are mostly or fully implemented (%(share)s).",
            "count",
        ),
    ),
    "silent": Rule(
        gettext_lazy("None of the %(total)s answers asked for is without information."),
        ngettext_lazy(
            "%(n)s of %(total)s answers asked for is without information (%(share)s).",
            "%(n)s of %(total)s answers asked for are without information (%(share)s).",
            "count",
        ),
    ),
    "forward": Rule(
        gettext_lazy("None of the %(total)s answers on the scale in both periods moved forward since %(before)s."),
        ngettext_lazy(
            "%(n)s of %(total)s answers on the scale in both periods moved forward since %(before)s (%(share)s).",
            "%(n)s of %(total)s answers on the scale in both periods moved forward since %(before)s (%(share)s).",
            "count",
        ),
    ),
    "back": Rule(
        gettext_lazy("None of the %(total)s answers on the scale in both periods moved back since %(before)s."),
        ngettext_lazy(
            "%(n)s of %(total)s answers on the scale in both periods moved back since %(before)s (%(share)s).",
            "%(n)s of %(total)s answers on the scale in both periods moved back since %(before)s (%(share)s).",
            "count",
        ),
    ),
    "majority": Rule(
        gettext_lazy(
            "In none of the %(total)s activities are more than half of the answers mostly or fully implemented."
        ),
        ngettext_lazy(
            "In %(n)s of %(total)s activities more than half of the answers are mostly or fully implemented.",
            "In %(n)s of %(total)s activities more than half of the answers are mostly or fully implemented.",
            "count",
        ),
    ),
    "activity": Rule(
        gettext_lazy("%(code)s: none of the %(total)s States has it mostly or fully implemented."),
        ngettext_lazy(
            "%(code)s: %(n)s of %(total)s States has it mostly or fully implemented.",
            "%(code)s: %(n)s of %(total)s States have it mostly or fully implemented.",
            "count",
        ),
    ),
    "actions": Rule(
        gettext_lazy("No action carried out in the period was reported."),
        ngettext_lazy(
            "%(n)s action carried out in the period was reported.",
            "%(n)s actions carried out in the period were reported.",
            "count",
        ),
    ),
    "obstacle": Rule(
        gettext_lazy("No obstacle was named."),
        ngettext_lazy(
            "Named most often as an obstacle: %(obstacle)s, in %(n)s answer.",
            "Named most often as an obstacle: %(obstacle)s, in %(n)s answers.",
            "count",
        ),
    ),
    "mandates": Rule(
        gettext_lazy("None of the %(total)s mandates of the General Secretariat is mostly or fully implemented."),
        ngettext_lazy(
            "%(n)s of %(total)s mandates of the General Secretariat is mostly or fully implemented.",
            "%(n)s of %(total)s mandates of the General Secretariat are mostly or fully implemented.",
            "count",
        ),
    ),
    "theme": Rule(
        gettext_lazy("Conclusion %(code)s: none of the %(total)s answers is mostly or fully implemented."),
        ngettext_lazy(
            "Conclusion %(code)s: %(n)s of %(total)s answers is mostly or fully implemented (%(share)s).",
            "Conclusion %(code)s: %(n)s of %(total)s answers are mostly or fully implemented (%(share)s).",
            "count",
        ),
    ),
    "authorities": Rule(
        gettext_lazy("For none of the %(total)s States is the national authority confirmed or found in a source."),
        ngettext_lazy(
            "For %(n)s of %(total)s States the national authority is confirmed or found in a source.",
            "For %(n)s of %(total)s States the national authority is confirmed or found in a source.",
            "count",
        ),
    ),
    "networks": Rule(
        gettext_lazy("No network is listed at this level: %(level)s."),
        ngettext_lazy(
            "%(n)s network is listed at this level: %(level)s.",
            "%(n)s networks are listed at this level: %(level)s.",
            "count",
        ),
    ),
    "agreements": Rule(
        gettext_lazy("No agreement between States is recorded as in force at the end of the period."),
        ngettext_lazy(
            "%(n)s agreement between States is recorded as in force at the end of the period.",
            "%(n)s agreements between States are recorded as in force at the end of the period.",
            "count",
        ),
    ),
    "contributions": Rule(
        gettext_lazy("No contribution has been published."),
        ngettext_lazy("%(n)s contribution is published here.", "%(n)s contributions are published here.", "count"),
    ),
    "closed": Rule(
        gettext_lazy("No other contribution was accepted."),
        ngettext_lazy(
            "%(n)s other contribution was accepted and is not public.",
            "%(n)s other contributions were accepted and are not public.",
            "count",
        ),
    ),
    "needs": Rule(
        gettext_lazy("No need for technical assistance is recorded."),
        ngettext_lazy(
            "%(n)s need for technical assistance is recorded.",
            "%(n)s needs for technical assistance are recorded.",
            "count",
        ),
    ),
    "offers": Rule(
        gettext_lazy("No offer of technical assistance is recorded."),
        ngettext_lazy(
            "%(n)s offer of technical assistance is recorded.",
            "%(n)s offers of technical assistance are recorded.",
            "count",
        ),
    ),
    "matched": Rule(
        gettext_lazy("No need has been brought together with an offer yet."),
        ngettext_lazy(
            "%(n)s need has been brought together with an offer.",
            "%(n)s needs have been brought together with an offer.",
            "count",
        ),
    ),
}


def say(rule: str, count: int, total: int | None = None, **words: Any) -> str:
    """One sentence in the language that is active."""
    forms = RULES[rule]
    share = percent_of(count, total) if total else None
    values = {"n": thousands(count), "total": thousands(total), "share": percent(share), "count": count, **words}
    return str((forms.some if count else forms.none) % values)


class Narrator:
    """Every sentence of a document, in order. The same figures give the same sentences with the same numbers."""

    def __init__(self, data: Json, summary: Summary) -> None:
        self.data, self.summary = data, summary
        self.now = data["rounds"][0]["code"]
        self.before = data["rounds"][1]["code"] if len(data["rounds"]) > 1 else ""
        self.said: list[Sentence] = []

    def tell(self) -> list[Sentence]:
        self._executive()
        for row in self.summary.areas:
            self._area(row)
        self._mandates()
        for row in self.summary.themes:
            of = row.distribution
            query = f"distribution(theme={row.code}, round={self.now})"
            self._add("themes", "theme", query, of.advanced, of.counted, code=row.code)
        self._sections()
        return self.said

    def _add(self, place: str, rule: str, query: str, count: int, total: int | None = None, **words: Any) -> None:
        figures = {"n": count} if total is None else {"n": count, "total": total}
        self.said.append(Sentence(len(self.said) + 1, place, say(rule, count, total, **words), query, figures))

    def _executive(self) -> None:
        response = self.summary.response
        reported = f"response(round={self.now})"
        self._add("executive", "response", reported, len(response.accepted), response.asked, round=self.now)
        self._rows("executive", self.summary.overall, f"round={self.now}")
        rows = [row for rows in self.summary.activities.values() for row in rows]
        many = sum(2 * row.distribution.advanced > row.distribution.counted for row in rows)
        self._add("executive", "majority", f"activities(round={self.now}, share>1/2)", many, len(rows))

    def _rows(self, place: str, row: Row, where: str) -> None:
        of = row.distribution
        self._add(place, "status", f"distribution({where})", of.advanced, of.counted)
        self._add(place, "silent", f"distribution({where})", of.counts["no_information"], of.total)
        if row.change is not None:
            moves = row.change.moves
            query = f"moves({where}, before={self.before})"
            self._add(place, "forward", query, moves.forward, moves.paired, before=self.before)
            self._add(place, "back", query, moves.back, moves.paired, before=self.before)

    def _area(self, row: Row) -> None:
        where = f"area={row.code}, round={self.now}"
        self._rows(row.code, row, where)
        actions = self.summary.actions[row.code]
        self._add(row.code, "actions", f"count_actions({where})", sum(actions.values()))
        self._obstacles(row.code, where)
        states = self.summary.response.total
        for one in self.summary.activities[row.code]:
            query = f"distribution(activity={one.code}, round={self.now})"
            number = self._number(one.code)
            self._add(f"{row.code}-activities", "activity", query, one.distribution.advanced, states, code=number)

    def _number(self, code: str) -> str:
        return next(str(item["number"]) for item in self.data["activities"] if item["code"] == code)

    def _obstacles(self, area: str, where: str) -> None:
        """Those named most often; where several are named equally often, all of them."""
        counts = self.summary.obstacles[area]
        most = max(counts.values(), default=0)
        kinds = [str(kind.label) for kind in Obstacle if most and counts.get(kind.value) == most]
        self._add(area, "obstacle", f"count_obstacles({where})", most, obstacle=", ".join(kinds))

    def _mandates(self) -> None:
        answers = self.summary.secretariat
        advanced = sum(answer.rating in {"substantial", "full"} for answer in answers)
        query = f"answers(reporter=SG, round={self.now})"
        self._add("secretariat", "mandates", query, advanced, len(answers))

    def _sections(self) -> None:
        for place, rule, count, words in self._section_counts():
            self._add(place, rule, f"sections({place}).{rule}", count, **words)

    def _section_counts(self) -> Iterator[tuple[str, str, int, dict[str, Any]]]:
        sections = self.data["sections"]
        if found := sections["institutions"]:
            total = {"total": self.summary.response.total}
            counted = {*reporters(self.data["rounds"][0])} & {row["state"] for row in found["authorities"]}
            yield "institutions", "authorities", len(counted), total
        if found := sections["contributions"]:
            yield "contributions", "contributions", len(found["contributions"]), {}
            yield "contributions", "closed", found["closed"], {}
        if found := sections["networks"]:
            for level in Level:
                yield "networks", "networks", found["counts"][level.value], {"level": str(level.label)}
        if found := sections["agreements"]:
            yield "networks", "agreements", len(found["agreements"]), {}
        if found := sections["assistance"]:
            for rule, key in (("needs", "need_count"), ("offers", "offer_count"), ("matched", "matched")):
                yield "assistance", rule, sum(topic[key] for topic in found["topics"]), {}
