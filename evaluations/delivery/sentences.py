"""Sentences made from figures by rules, in the language that is active. No word in them was chosen by hand.

The figures of a sentence are those that its query finds in the frozen data; an annex prints the query beside them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.templatetags.portal import month_date, percent, thousands
from evaluations.delivery.rules import RULES
from evaluations.queries.figures import Row, Summary, percent_of
from evaluations.queries.law import law_day
from evaluations.queries.traced import NO_PLAN, Figures, Query
from networks.enums import Force, Level
from workplan.enums import Obstacle

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Sentence:
    number: int
    place: str  # key of the chapter or area it stands in
    text: str
    query: Query
    figures: Figures

    @property
    def reference(self) -> str:
        return f"S{self.number}"

    @property
    def anchor(self) -> str:
        """Of its line in the annex."""
        return self.reference.lower()


def say(rule: str, figures: Figures, **words: Any) -> str:
    """One sentence in the language that is active."""
    count, total = figures["n"], figures.get("total")
    shown = {name: thousands(figure) for name, figure in figures.items()}
    share = percent(percent_of(count, total) if total else None)
    return str(RULES[rule].form(count, total) % {**shown, "share": share, "count": count, **words})


class Narrator:
    """Every sentence of a document, in order. The same figures give the same sentences with the same numbers."""

    def __init__(self, data: Json, summary: Summary) -> None:
        self.data, self.summary = data, summary
        self.now = data["rounds"][0]["code"]
        self.before = data["rounds"][1]["code"] if len(data["rounds"]) > 1 else ""
        self.numbers = {activity["code"]: str(activity["number"]) for activity in data["activities"]}
        self.said: list[Sentence] = []

    def tell(self) -> list[Sentence]:
        self._executive()
        for row in self.summary.areas:
            self._area(row)
        self._tell("secretariat", "mandates", Query.of("mandates", period=self.now))
        for row in self.summary.themes:
            self._tell("themes", "theme", Query.of("ratings", period=self.now, theme=row.code), code=row.code)
        for place, rule, query, words in self._sections():
            self._tell(place, rule, query, **words)
        return self.said

    def _tell(self, place: str, rule: str, query: Query, **words: Any) -> None:
        figures = query.run(self.data)
        self.said.append(Sentence(len(self.said) + 1, place, say(rule, figures, **words), query, figures))

    def _executive(self) -> None:
        self._tell("executive", "response", Query.of("reported", period=self.now), round=self.now)
        if self.summary.response.left_out:
            self._tell("executive", "left_out", Query.of("left_out", period=self.now))
        self._answers("executive", self.summary.overall)
        self._tell("executive", "majority", Query.of("majority", period=self.now))

    def _answers(self, place: str, row: Row, **where: str) -> None:
        self._tell(place, "status", Query.of("advanced", period=self.now, **where))
        self._tell(place, "silent", Query.of("without_information", period=self.now, **where))
        if row.change is not None:
            both = {"period": self.now, "before": self.before, **where}
            self._tell(place, "forward", Query.of("moved_forward", **both), before=self.before)
            if row.change.moves.paired:  # of none the sentence before says all there is
                self._tell(place, "back", Query.of("moved_back", **both), before=self.before)

    def _area(self, row: Row) -> None:
        self._answers(row.code, row, area=row.code)
        self._tell(row.code, "actions", Query.of("actions", area=row.code))
        self._tell(row.code, "obstacle", Query.of("obstacles", area=row.code), obstacle=self._obstacles(row.code))
        for one in self.summary.activities[row.code]:
            query = Query.of("ratings", period=self.now, activity=one.code)
            self._tell(f"{row.code}-activities", "activity", query, code=self.numbers[one.code])
        self._gaps(row.code)

    def _obstacles(self, area: str) -> str:
        """Those named most often; where several are named equally often, all of them."""
        counts = self.summary.obstacles[area]
        most = max(counts.values(), default=0)
        return ", ".join(str(kind.label) for kind in Obstacle if most and counts.get(kind.value) == most)

    def _gaps(self, area: str) -> None:
        where = {"period": self.now, "area": area}
        self._tell(f"{area}-gaps", "nowhere", Query.of("nowhere", **where))
        silent = {row.code: row.distribution.counts["no_information"] for row in self.summary.activities[area]}
        most = max(silent.values(), default=0)
        named = ", ".join(self.numbers[code] for code, count in silent.items() if count == most)
        self._tell(f"{area}-gaps", "least_known", Query.of("least_known", **where), activities=named)

    def _sections(self) -> Iterator[tuple[str, str, Query, dict[str, str]]]:
        sections = self.data["sections"]
        if sections["institutions"]:
            yield "institutions", "authorities", Query.of("authorities", period=self.now), {}
        if sections.get("law"):  # older data hold none
            yield from self._law()
        if sections["contributions"]:
            yield "contributions", "contributions", Query.of("contributions"), {}
            yield "contributions", "closed", Query.of("closed"), {}
        if sections["networks"]:
            for level in Level:
                yield "networks", "networks", Query.of("networks", level=level.value), {"level": str(level.label)}
        if sections["agreements"]:
            yield "networks", "agreements", Query.of("agreements"), {}
        if sections["assistance"]:
            for rule, key in (("needs", "need_count"), ("offers", "offer_count"), ("matched", "matched")):
                yield "assistance", rule, Query.of("assistance", of=key), {}

    def _law(self) -> Iterator[tuple[str, str, Query, dict[str, str]]]:
        day = law_day(self.data)
        on, words = day.isoformat(), {"day": month_date(day)}
        yield "institutions", "plans_in_force", Query.of("plans", on=on, standing=Force.IN_FORCE.value), words
        yield "institutions", "plans_expired", Query.of("plans", on=on, standing=Force.EXPIRED.value), words
        yield "institutions", "plans_ahead", Query.of("plans_ahead", on=on), words
        yield "institutions", "plans_none", Query.of("plans", on=on, standing=NO_PLAN), words
        for row in self.data["sections"]["law"]["treaties"]:
            yield "institutions", "bound", Query.of("bound", on=on, treaty=row["code"]), {**words, "code": row["code"]}
