"""What a State sees of its own part of an evaluation, and what the Secretariat sees of the consultation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import State
from core.i18n import NATIVE_NAMES
from evaluations.delivery.content import OwnWords, paper_of
from evaluations.models import Consultation, Evaluation, StateComment, StatePaper
from evaluations.presenters.evaluations import PaperLink, state_names
from evaluations.queries.consent import withheld
from evaluations.queries.consulted import changed_since_asked
from evaluations.queries.translations import reviewed_comments

Text = str | Promise
WHOLE = ""  # the area of a comment on the whole


@dataclass(frozen=True)
class AreaPart:
    code: str
    title: str
    comment: StateComment | None
    words: OwnWords | None


@dataclass(frozen=True)
class AskedRow:
    """One State of a consultation, and how many comments it has made."""

    iso2: str
    name: str
    url: str
    comments: int


def preview_page(consultation: Consultation, state: State, said: Iterable[StateComment]) -> dict[str, Any]:
    """All that its paper says, from the same template, and what the State has said of it."""
    last = {row.area: row for row in said if row.text}
    content, language = consultation.snapshot.content, get_language() or "en"
    translations = reviewed_comments(last.values(), consultation.evaluation).get(language, {})

    def part(code: str, title: str) -> AreaPart:
        row = last.get(code)
        words = OwnWords(row.text, row.language, language, translations.get(code, "")) if row else None
        return AreaPart(code, title, row, words)

    return {
        "c": paper_of(consultation.evaluation, consultation.snapshot, state.iso2, language),
        "language": language,
        "areas": [part(code, title) for code, title in area_titles(content).items()],
        "on_the_whole": part(WHOLE, ""),
        "is_withheld": state.iso2 in withheld(content),
    }


def own_papers(consultation: Consultation, state: State, papers: Iterable[StatePaper]) -> list[PaperLink]:
    """The State's paper of this build, by language."""
    return [
        PaperLink(
            paper.language,
            NATIVE_NAMES[paper.language],
            reverse("consultation_paper", args=[consultation.public_id, state.iso2.lower(), paper.language]),
            filesizeformat(paper.size),
        )
        for paper in papers
    ]


def area_titles(content: Any) -> dict[str, str]:
    language = get_language() or "en"
    return {area["code"]: area["title"][language] for area in content["areas"]}


def comment_areas(content: Any) -> list[tuple[str, str]]:
    """What can be commented: the whole, and each area."""
    return [(WHOLE, _("On the whole")), *area_titles(content).items()]


def _withheld(evaluation: Evaluation) -> list[str]:
    """Names of the States of which everybody would be told nothing singly today."""
    snapshot = evaluation.snapshot
    return state_names(snapshot, withheld(snapshot.content)) if snapshot else []


def boxes_after(typed: Mapping[str, str], said: Iterable[StateComment], seen: int) -> dict[str, str]:
    """What the boxes hold after a colleague commented: what was typed, and the colleague's words where nothing was."""
    rows = sorted(said, key=lambda row: row.pk)
    shown = {row.area: row.text for row in rows[:seen]}
    stored = {row.area: row.text for row in rows}
    untouched = [area for area, text in typed.items() if text == shown.get(area, "")]
    return {f"text_{area}": stored.get(area, "") for area in untouched}


def consultation_page(
    evaluation: Evaluation, consultations: Sequence[Consultation], states: Sequence[State], said: Iterable[StateComment]
) -> dict[str, Any]:
    """For the Secretariat: who was asked, who has answered, and whose part is not the one that was shown."""
    if not consultations:
        return {"consultation": None, "asked": []}
    consultation, *earlier = consultations
    changed = changed_since_asked(evaluation)
    made = [row.state_id for row in said if row.text]
    asked = [
        AskedRow(state.iso2, state.name, consultation.preview_url(state.iso2), made.count(state.pk))
        for state in states
        if state.iso2 in consultation.asked
    ]
    return {
        "consultation": consultation,
        "earlier": earlier,
        "asked": asked,
        "changed": [state.name for state in states if state.iso2 in changed],
        "is_of_last_build": consultation.snapshot_id == evaluation.snapshot_id,
        "withheld": _withheld(evaluation),
    }
