"""Whether each State was asked about the part that is going to be published."""

from collections.abc import Mapping
from typing import Any

from core.canonical import content_hash
from evaluations.models import Evaluation
from evaluations.queries.preview import contributions_in, own_data

Json = Mapping[str, Any]
# What the State itself said of it, the number of a shape, and where the Meeting is.
NOT_SHOWN = ("comments", "form", "meeting")
# Of contributions, what a State's part does not show, and data frozen before do not hold.
NOT_SHOWN_OF_CONTRIBUTIONS = ("translations", "kind", "activities")


def changed_since_asked(evaluation: Evaluation) -> list[str]:
    """Codes of the States whose part of the last build is not the one that they were shown, or who saw none."""
    if evaluation.snapshot is None:
        return []
    content, asked = evaluation.snapshot.content, _last_asked(evaluation)
    codes = [state["iso2"] for state in content["states"]]
    return [iso2 for iso2 in codes if iso2 not in asked or _part(asked[iso2], iso2) != _part(content, iso2)]


def _last_asked(evaluation: Evaluation) -> dict[str, Json]:
    """The frozen data that each State was last asked about."""
    found: dict[str, Json] = {}
    for consultation in evaluation.consultations.select_related("snapshot").order_by("pk"):
        found |= dict.fromkeys(consultation.asked, consultation.snapshot.content)
    return found


def _part(snapshot: Json, iso2: str) -> str:
    own = own_data(snapshot, iso2)
    return content_hash({**{name: own[name] for name in own if name not in NOT_SHOWN}, "sections": _shown(own)})


def _shown(own: Json) -> Json:
    """Older data hold the translations of contributions in the rows: they change nothing of what is said of a State."""
    sections: Json = own["sections"]
    if not sections.get("contributions"):
        return sections
    rows = [
        {name: row[name] for name in row if name not in NOT_SHOWN_OF_CONTRIBUTIONS} for row in contributions_in(own)
    ]
    return {**sections, "contributions": {**sections["contributions"], "contributions": rows}}
