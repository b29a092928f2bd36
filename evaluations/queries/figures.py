"""Every figure of the evaluation, computed from a snapshot by pure functions.

Unit: an answer is one activity of one reporter. The denominator of a share holds the answers on the five steps
of the scale (COUNTED_STATUSES); "not applicable" and "no information" stand beside it. A State whose report
was not accepted gives no information. There is no average and no order of States anywhere.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluations.enums import SECRETARIAT, Standing, UnitKind
from workplan.enums import COUNTED_STATUSES, ImplementationStatus, Responsible

Json = Mapping[str, Any]
Pick = Callable[["Answer"], str]
Counts = Mapping[str, int]

ADVANCED = frozenset({ImplementationStatus.FULL.value, ImplementationStatus.SUBSTANTIAL.value})
STATUSES: tuple[str, ...] = tuple(ImplementationStatus.values)
NO_INFORMATION = ImplementationStatus.NO_INFORMATION.value
_STEP = {status: step for step, status in enumerate(COUNTED_STATUSES)}


def percent_of(part: int, whole: int) -> int | None:
    """A whole percentage, halves up; none where there is nothing to divide by."""
    return (200 * part + whole) // (2 * whole) if whole else None


@dataclass(frozen=True)
class Answer:
    """One activity of one reporter: the reviewed rating, and what the reporter said itself."""

    reporter: str
    activity: str
    rating: str = NO_INFORMATION
    own: str = NO_INFORMATION


@dataclass(frozen=True)
class Distribution:
    counts: Mapping[str, int]

    @property
    def counted(self) -> int:
        """n, the denominator."""
        return sum(self.counts[status] for status in COUNTED_STATUSES)

    @property
    def advanced(self) -> int:
        return sum(self.counts[status] for status in ADVANCED)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def share(self) -> int | None:
        """Of the answers counted, how many per cent are mostly or fully implemented."""
        return percent_of(self.advanced, self.counted)


@dataclass(frozen=True)
class Moves:
    """Answers on the scale in both rounds: each reporter compared with itself."""

    forward: int
    same: int
    back: int

    @property
    def paired(self) -> int:
        return self.forward + self.same + self.back


@dataclass(frozen=True)
class Change:
    before: Distribution
    now: Distribution
    moves: Moves

    @property
    def points(self) -> int | None:
        """Percentage points between the two shares, computed before rounding."""
        n_before, n_now = self.before.counted, self.now.counted
        if not n_before or not n_now:
            return None
        difference = self.now.advanced * n_before - self.before.advanced * n_now
        return (200 * abs(difference) + n_before * n_now) // (2 * n_before * n_now) * (1 if difference >= 0 else -1)


@dataclass(frozen=True)
class Row:
    """A line of a table: an area, an activity or a theme with its distribution and what changed."""

    code: str
    activities: int
    distribution: Distribution
    own: Distribution
    change: Change | None


@dataclass(frozen=True)
class Response:
    """Who reported in a round."""

    accepted: tuple[str, ...]
    submitted: tuple[str, ...]
    not_reported: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def total(self) -> int:
        """States in the figures."""
        return len(self.accepted) + len(self.submitted) + len(self.not_reported)

    @property
    def asked(self) -> int:
        """Participating States: leaving some out makes them no fewer, and the rate no higher."""
        return self.total + len(self.left_out)

    @property
    def rate(self) -> int | None:
        return percent_of(len(self.accepted), self.asked)


@dataclass(frozen=True)
class Agreement:
    """The reporter's own rating beside the reviewed one, over answers where either is on the scale."""

    same: int
    review_higher: int
    review_lower: int
    off_scale: int  # one of the two is "not applicable" or "no information"


@dataclass(frozen=True)
class Quote:
    """A State's own words: results of an answer that came to be fully implemented, or what it calls good practice."""

    reporter: str
    activity: str
    text: str
    language: str
    kind: str = UnitKind.QUOTE.value


@dataclass(frozen=True)
class Counted:
    """Answers to some activities in one period, and of how many States there is one on the scale."""

    states: int
    distribution: Distribution


@dataclass(frozen=True)
class Period:
    """A period by itself. By code of an area, activity or theme, and "" for all activities: what was answered."""

    code: str
    accepted: int
    asked: int
    rows: Mapping[str, Counted]


@dataclass(frozen=True)
class Summary:
    response: Response
    response_before: Response | None
    overall: Row
    areas: tuple[Row, ...]
    activities: Mapping[str, tuple[Row, ...]]  # by area
    themes: tuple[Row, ...]
    secretariat: tuple[Answer, ...]
    secretariat_before: Mapping[str, Answer]
    secretariat_standing: str
    agreement: Agreement
    actions: Mapping[str, Counts]  # by area: actions reported, by kind
    obstacles: Mapping[str, Counts]  # by area: answers that name the kind of obstacle
    quotes: Mapping[str, tuple[Quote, ...]]  # by area
    practice: Mapping[str, tuple[Quote, ...]]  # by area
    periods: tuple[Period, ...] = ()  # from the first on; none where no further period is looked at


# --- reading the snapshot -------------------------------------------------


def addressed_to_states(snapshot: Json) -> list[Json]:
    return [a for a in snapshot["activities"] if a["responsible"] != Responsible.GENERAL_SECRETARIAT]


def addressed_to_secretariat(snapshot: Json) -> list[Json]:
    return [a for a in snapshot["activities"] if a["responsible"] != Responsible.MEMBER_STATES]


def reporters(round_: Json) -> list[str]:
    """ISO codes of the States asked to report in the round and not left out of the evaluation."""
    reports = round_["reports"]
    return sorted(c for c in reports if c != SECRETARIAT and reports[c]["standing"] != Standing.EXCLUDED)


def answers(round_: Json, codes: Iterable[str], who: Iterable[str]) -> list[Answer]:
    """One answer per reporter and activity, in that order; without an accepted report, no information."""
    wanted = list(codes)
    return [_answer(round_, reporter, code) for reporter in who for code in wanted]


def _answer(round_: Json, reporter: str, code: str) -> Answer:
    ratings = round_["reports"].get(reporter, {}).get("ratings", {})
    return Answer(reporter, code, *ratings.get(code, ()))


def response(round_: Json) -> Response:
    def standing(wanted: str) -> tuple[str, ...]:
        reports = round_["reports"]
        return tuple(sorted(c for c in reports if c != SECRETARIAT and reports[c]["standing"] == wanted))

    order = (Standing.ACCEPTED, Standing.SUBMITTED, Standing.NOT_REPORTED, Standing.EXCLUDED)
    return Response(*(standing(each) for each in order))


# --- figures --------------------------------------------------------------


def rating_of(answer: Answer) -> str:
    return answer.rating


def own_of(answer: Answer) -> str:
    return answer.own


def distribution(of: Iterable[Answer], pick: Pick = rating_of) -> Distribution:
    found = Counter(pick(answer) for answer in of)
    return Distribution({status: found[status] for status in STATUSES})


def moves(before: Sequence[Answer], now: Sequence[Answer]) -> Moves:
    earlier = {(a.reporter, a.activity): a.rating for a in before}
    steps = [
        _STEP[a.rating] - _STEP[earlier[a.reporter, a.activity]]
        for a in now
        if a.rating in _STEP and earlier.get((a.reporter, a.activity)) in _STEP
    ]
    return Moves(sum(s > 0 for s in steps), sum(s == 0 for s in steps), sum(s < 0 for s in steps))


def agreement(of: Iterable[Answer]) -> Agreement:
    known = [a for a in of if a.rating in _STEP or a.own in _STEP]
    scaled = [_STEP[a.rating] - _STEP[a.own] for a in known if a.rating in _STEP and a.own in _STEP]
    return Agreement(
        same=sum(s == 0 for s in scaled),
        review_higher=sum(s > 0 for s in scaled),
        review_lower=sum(s < 0 for s in scaled),
        off_scale=len(known) - len(scaled),
    )


def row(snapshot: Json, code: str, activities: Sequence[Json]) -> Row:
    """The line of some activities addressed to States, over all participating States."""
    codes = [activity["code"] for activity in activities]
    current, *earlier = snapshot["rounds"]
    now = answers(current, codes, reporters(current))
    change = _change(answers(earlier[0], codes, reporters(earlier[0])), now) if earlier else None
    return Row(code, len(codes), distribution(now), distribution(now, own_of), change)


def _change(before: Sequence[Answer], now: Sequence[Answer]) -> Change:
    return Change(distribution(before), distribution(now), moves(before, now))


def area_activities(snapshot: Json, area: str) -> list[Json]:
    return [a for a in addressed_to_states(snapshot) if a["area"] == area]


def details(snapshot: Json, area: str) -> list[tuple[str, str, Json]]:
    """State, activity and what its answer says beside the status, in an order that ranks nobody."""
    codes = [a["code"] for a in area_activities(snapshot, area)]
    written = snapshot["answers"]
    return [(iso2, c, written[iso2][c]) for c in codes for iso2 in sorted(written) if c in written[iso2]]


def count_actions(snapshot: Json, area: str) -> Counts:
    found: Counter[str] = Counter()
    for _iso2, _code, answer in details(snapshot, area):
        found.update(answer.get("actions", {}))
    return found


def count_obstacles(snapshot: Json, area: str) -> Counts:
    found: Counter[str] = Counter()
    for _iso2, _code, answer in details(snapshot, area):
        found.update(answer.get("obstacles", ()))
    return found


def achieved(snapshot: Json, area: str) -> tuple[Quote, ...]:
    """Results of answers that are fully implemented now and were not in the round compared with."""
    before = snapshot["rounds"][1] if len(snapshot["rounds"]) > 1 else {"reports": {}}
    return tuple(
        Quote(iso2, code, answer["results"], answer["language"])
        for iso2, code, answer in details(snapshot, area)
        if answer.get("results") and _answer(before, iso2, code).rating != ImplementationStatus.FULL
    )


def good_practice(snapshot: Json, area: str) -> tuple[Quote, ...]:
    """What States describe as one, activity by activity; data frozen before they were asked hold none."""
    told = snapshot.get("practice", {})
    codes = [a["code"] for a in area_activities(snapshot, area)]
    return tuple(
        Quote(iso2, code, told[iso2][code]["text"], told[iso2][code]["language"], UnitKind.PRACTICE.value)
        for code in codes
        for iso2 in sorted(told)
        if code in told[iso2]
    )


def theme_activities(snapshot: Json, theme: str) -> list[Json]:
    return [a for a in addressed_to_states(snapshot) if theme in a["themes"]]


# --- periods, each by itself ----------------------------------------------


def groups(of: Json) -> dict[str, list[str]]:
    """Codes of the activities addressed to States: of all, of each area, activity and theme."""
    named: dict[str, list[Json]] = {
        "": addressed_to_states(of),
        **{area["code"]: area_activities(of, area["code"]) for area in of["areas"]},
        **{activity["code"]: [activity] for activity in addressed_to_states(of)},
        **{theme: theme_activities(of, theme) for theme in of["themes"]},
    }
    return {name: [activity["code"] for activity in found] for name, found in named.items()}


def count_round(round_: Json, of: Json) -> dict[str, Any]:
    """A round without who answered what: answers by activity and status, and States on the scale by group."""
    who, everybody, grouped = response(round_), reporters(round_), groups(of)
    found = {code: answers(round_, [code], everybody) for code in grouped[""]}
    on_scale = {code: {a.reporter for a in rows if a.rating in _STEP} for code, rows in found.items()}
    return {
        **{name: round_[name] for name in ("code", "period", "due_on", "opened_on", "closed_on")},
        "asked": who.asked,
        "accepted": len(who.accepted),
        "answers": {code: {s: n for s, n in distribution(rows).counts.items() if n} for code, rows in found.items()},
        "states": {name: len(set().union(*(on_scale[code] for code in codes))) for name, codes in grouped.items()},
    }


def periods(snapshot: Json) -> tuple[Period, ...]:
    """Those evaluated, compared with and looked at beside them. Older frozen data know of no further ones."""
    further = snapshot.get("further_rounds")
    if not further:
        return ()
    counted = [*further, *(count_round(round_, snapshot) for round_ in snapshot["rounds"])]
    grouped = groups(snapshot)
    return tuple(_period(found, grouped) for found in sorted(counted, key=lambda found: str(found["period"])))


def _period(found: Json, grouped: Mapping[str, Sequence[str]]) -> Period:
    rows = {name: Counted(found["states"][name], _sum_of(found, codes)) for name, codes in grouped.items()}
    return Period(found["code"], found["accepted"], found["asked"], rows)


def _sum_of(found: Json, codes: Sequence[str]) -> Distribution:
    answered = [found["answers"].get(code, {}) for code in codes]
    return Distribution({status: sum(row.get(status, 0) for row in answered) for status in STATUSES})


def summarize(snapshot: Json) -> Summary:
    """All figures of the documents; computed once per build and the same in every language and format."""
    current, *earlier = snapshot["rounds"]
    areas = [area["code"] for area in snapshot["areas"]]
    mandates = [a["code"] for a in addressed_to_secretariat(snapshot)]
    everything = addressed_to_states(snapshot)
    before = answers(earlier[0], mandates, [SECRETARIAT]) if earlier else []
    return Summary(
        response=response(current),
        response_before=response(earlier[0]) if earlier else None,
        overall=row(snapshot, "", everything),
        areas=tuple(row(snapshot, area, area_activities(snapshot, area)) for area in areas),
        activities={
            area: tuple(row(snapshot, a["code"], [a]) for a in area_activities(snapshot, area)) for area in areas
        },
        themes=tuple(row(snapshot, theme, theme_activities(snapshot, theme)) for theme in snapshot["themes"]),
        secretariat=tuple(answers(current, mandates, [SECRETARIAT])),
        secretariat_before={a.activity: a for a in before},
        secretariat_standing=current["reports"].get(SECRETARIAT, {}).get("standing", Standing.NOT_REPORTED.value),
        agreement=agreement(answers(current, [a["code"] for a in everything], reporters(current))),
        actions={area: count_actions(snapshot, area) for area in areas},
        obstacles={area: count_obstacles(snapshot, area) for area in areas},
        quotes={area: achieved(snapshot, area) for area in areas},
        practice={area: good_practice(snapshot, area) for area in areas},
        periods=periods(snapshot),
    )
