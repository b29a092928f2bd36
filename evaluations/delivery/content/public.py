"""What everybody reads on the pages of a publication: all figures, and singly those States alone that show it."""

from collections.abc import Mapping
from dataclasses import replace

from evaluations.delivery.content.document import Content
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.consent import public_data
from evaluations.queries.figures import Quote, Summary, summarize


class PublicContent(Content):
    """Figures are counted over all States; no word and no rating of a State that is withheld is in its data."""

    def __init__(self, evaluation: Evaluation, snapshot: Snapshot, language: str, hidden: frozenset[str]) -> None:
        self.withheld = hidden
        shown = Snapshot(
            evaluation=evaluation,
            content=public_data(snapshot.content, hidden),
            content_hash=snapshot.content_hash,
            cutoff_at=snapshot.cutoff_at,
        )
        super().__init__(evaluation, shown, _without(summarize(snapshot.content), hidden), language)


def _without(summary: Summary, hidden: frozenset[str]) -> Summary:
    def shown(told: Mapping[str, tuple[Quote, ...]]) -> dict[str, tuple[Quote, ...]]:
        return {area: tuple(quote for quote in found if quote.reporter not in hidden) for area, found in told.items()}

    return replace(summary, quotes=shown(summary.quotes), practice=shown(summary.practice))
