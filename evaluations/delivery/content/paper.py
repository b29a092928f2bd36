"""The paper of a State: what the evaluation says of it, made from its own part of the frozen data alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, pgettext

from core.canonical import content_hash
from evaluations.delivery.content.document import Content
from evaluations.delivery.content.words import AreaBlock, Json, Status, status
from evaluations.delivery.sentences import Sentence
from evaluations.enums import Standing
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.figures import moves, summarize
from evaluations.queries.preview import Own, own_data, own_part, own_standing, own_translations
from networks.enums import AssistanceSide


@dataclass(frozen=True)
class OwnLine:
    """One activity of one State: both ratings of the period, the one before, and the State compared with itself."""

    number: str
    title: str
    own: Status
    rating: Status
    before: Status | None
    move: str

    @property
    def differs(self) -> bool:
        """The Secretariat rated otherwise than the State."""
        return self.own.code != self.rating.code


@dataclass(frozen=True)
class PaperArea:
    block: AreaBlock
    lines: list[OwnLine]


def own_lines(answers: Sequence[Own], activities: dict[str, Json], language: str) -> list[OwnLine]:
    return [_line(own, activities[own.activity], language) for own in answers]


def _line(own: Own, activity: Json, language: str) -> OwnLine:
    return OwnLine(
        activity["number"],
        activity["title"][language],
        status(own.now.own),
        status(own.now.rating),
        status(own.before.rating) if own.before else None,
        _move(own),
    )


def _move(own: Own) -> str:
    """Nothing where one of the two ratings is not on the scale."""
    found = moves([own.before], [own.now]) if own.before else moves([], [])
    words = {
        gettext("Forward"): found.forward,
        gettext("Same"): found.same,
        pgettext("ratings that moved", "Back"): found.back,
    }
    return next((word for word, count in words.items() if count), "—")


class Paper(Content):
    """The queries and words of the whole document, over the data of one State. Nothing is counted over States."""

    template = "evaluations/document/paper.html"

    @property
    def state(self) -> str:
        return self.text(self.data["states"][0]["name"])

    @property
    def title(self) -> str:
        return self.state

    @property
    def subtitle(self) -> str:
        return gettext("What the evaluation of the Work Plan says of this State")

    @property
    def running_head(self) -> str:
        return f"{self.evaluation.series} · {self.state}"

    @property
    def sentences(self) -> list[Sentence]:  # those of the whole speak of all States
        return []

    @property
    def standing(self) -> str:
        return str(Standing(own_standing(self.data, self.iso2)).label)

    @property
    def iso2(self) -> str:
        code: str = self.data["states"][0]["iso2"]
        return code

    def statistics_tables(self, found: Json) -> list[Json]:
        """Those of the State itself, where the release tells of it alone."""
        tables: list[Json] = found.get("states", {}).get(self.iso2, [])
        return tables

    @property
    def parts(self) -> list[PaperArea]:
        """By area, in the order of the plan."""
        blocks = {block.code: block for block in self.areas}
        return [
            PaperArea(blocks[part.code], own_lines(part.answers, self.activities, self.language))
            for part in own_part(self.data, self.iso2)
        ]

    @property
    def asked_and_offered(self) -> list[tuple[str, list[str]]]:
        """Topics of technical assistance, with the side on which the State is."""
        return [
            (
                topic["label"],
                [str(side.label) for side in AssistanceSide if topic["needs" if side == "need" else "offers"]],
            )
            for topic in self.assistance
        ]


def paper_of(evaluation: Evaluation, snapshot: Snapshot, iso2: str, language: str) -> Paper:
    """Also for a page, where the evaluation was defined without papers or the State was asked in the period before."""
    own = own_data(snapshot.content, iso2)
    frozen = snapshot.content.get("papers", {}).get(iso2) or {
        "sha256": content_hash(own), "as_of": snapshot.cutoff_at.isoformat(),
    }  # fmt: skip
    summary = summarize(own)
    alone = Snapshot(
        evaluation=evaluation,
        content={**own, "translations": {language: own_translations(snapshot.content, iso2, language)}},
        content_hash=frozen["sha256"],
        cutoff_at=datetime.fromisoformat(frozen["as_of"]),
    )
    return Paper(evaluation, alone, summary, language)
