"""Believable answers: each State starts somewhere on the scale and moves a little from round to round."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.enums import Language
from accounts.models import State
from oas_trafficking.demo.texts import Phrases
from workplan.enums import COUNTED_STATUSES, ImplementationStatus, Obstacle
from workplan.models import Action, Activity, ReportEntry, Round

NOT_APPLICABLE = -1
UNANSWERED = 0.04
# Of answers that are mostly or fully implemented: a handful in a period. Few States write in the last two languages.
PRACTICES = {"es": 0.02, "en": 0.02, "fr": 0.15, "pt-br": 0.15}


@dataclass
class Course:
    """Where one reporter stands on each activity, by code: a place on the scale, or not applicable."""

    levels: dict[str, int]

    @classmethod
    def start(cls, codes: list[str], rng: random.Random) -> "Course":
        strength = rng.uniform(0.6, 2.2)
        levels = {code: min(4, max(0, round(rng.gauss(strength, 1.0)))) for code in codes}
        for code in codes:
            if rng.random() < 0.03:
                levels[code] = NOT_APPLICABLE
        return cls(levels)

    def move(self, rng: random.Random) -> None:
        """Half a year later: mostly the same, often one step on, now and then one back."""
        for code, level in self.levels.items():
            if level != NOT_APPLICABLE:
                step = rng.choices((-1, 0, 1), weights=(3, 62, 35))[0]
                self.levels[code] = min(4, max(0, level + step))


@dataclass
class Writer:
    """Writes the answers of one reporter in one round, in its language."""

    round: Round
    state: State | None
    language: str
    rng: random.Random

    def __post_init__(self) -> None:
        name = getattr(self.state, f"name_{self.language.replace('-', '_')}") if self.state else "OEA"
        self.about = {"year": str(self.round.period_start.year), "state": name}
        self.phrases = Phrases(self.language, self.rng, **self.about)

    def fill(self, entry: ReportEntry, level: int) -> None:
        """Answer one entry; some stay without a word, as in life."""
        entry.language = Language(self.language)
        if self.rng.random() < UNANSWERED:
            return
        entry.version, entry.is_ready = self.rng.randint(2, 5), True
        if level == NOT_APPLICABLE:
            entry.status = ImplementationStatus.NOT_APPLICABLE
            entry.reason = self.phrases.common("not_applicable_reasons")
            return
        entry.status = COUNTED_STATUSES[level]
        self._write(entry, level)

    def _write(self, entry: ReportEntry, level: int) -> None:
        area = entry.activity.area.code
        entry.narrative = self.phrases.of_area(area, "narratives" if level >= 2 else "next_steps")
        if level >= 2:
            entry.results = self.phrases.of_area(area, "results")
        if level >= 3:
            entry.good_practice = self._practice(entry)
        if level < 4 and self.rng.random() < 0.6:
            entry.obstacles = self.phrases.of_area(area, "obstacles")
            entry.obstacle_kinds = sorted(self.rng.sample(Obstacle.values, self.rng.randint(1, 2)))

    def _practice(self, entry: ReportEntry) -> str:
        """From a chance of its own: everything else in the demonstration stays as it is."""
        chance = random.Random(f"{self.round.code} {self.state and self.state.iso2} {entry.activity.code}")  # noqa: S311
        if chance.random() >= PRACTICES[self.language]:
            return ""
        area = entry.activity.area.code
        return Phrases(self.language, chance, **self.about).of_area(area, "good_practice")

    def actions(self, entry: ReportEntry) -> Iterator[Action]:
        """What was carried out in the period; a plan alone is no action."""
        if entry.status not in {"partial", "substantial", "full"}:
            return
        for _index in range(self.rng.choices((1, 2), weights=(2, 1))[0]):
            kind, title = self.phrases.action(entry.activity.area.code)
            starts = self._day()
            ends = min(starts + timedelta(days=self.rng.randint(1, 40)), self.round.period_end)
            yield Action(entry=entry, kind=kind, title=title, starts_on=starts, ends_on=ends)

    def _day(self) -> date:
        days = (self.round.period_end - self.round.period_start).days
        return self.round.period_start + timedelta(days=self.rng.randrange(days))


def starting_courses(
    reporters: list[State | None], activities: list[Activity], rng: random.Random
) -> dict[str, Course]:
    codes = [activity.code for activity in activities]
    return {(state.iso2 if state else "SG"): Course.start(codes, rng) for state in reporters}
