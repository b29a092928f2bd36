"""What is typed and not saved yet: kept as it stands, checked only when it is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.exceptions import NotAllowed, StaleVersion
from workplan import permissions
from workplan.models import EntryDraft, ReportEntry

PAGES_REMEMBERED = 10


@dataclass(frozen=True)
class PageMark:
    """Which page sends, for the how-manieth time, and which kept text it began with."""

    page: UUID
    sequence: int = 0
    follows: str = ""


@transaction.atomic
def keep_draft(
    *, entry: ReportEntry, version: int, answer: Mapping[str, Sequence[str]], mark: PageMark, actor: User
) -> EntryDraft:
    """Keep what is typed, unchecked, until it is saved. What a page sent earlier never replaces what it sent later.

    Raises NotAllowed, or StaleVersion where another page of the same person holds text that this one never showed.
    """
    if not permissions.can_edit_entry(actor, entry):
        raise NotAllowed(_("This entry cannot be changed now."))
    draft, is_new = _locked(entry, actor, mark)
    if not is_new and _is_late(draft, mark):
        return draft
    if not is_new and not _may_replace(draft, mark):
        raise StaleVersion(_("You have this activity open in another window, with text that is not saved."))
    return _write(draft, mark, version, answer)


@transaction.atomic
def close_draft(*, entry: ReportEntry, mark: PageMark, actor: User) -> None:
    """The text of this page is saved. Its row stays, empty: an autosave on its way must not bring the text back."""
    draft, is_new = _locked(entry, actor, mark)
    if is_new or _may_replace(draft, mark):
        # The page on which the text was typed, and the one on which it was decided what to keep.
        ended = [*draft.ended, [str(draft.page), draft.sequence], [str(mark.page), mark.sequence]]
        draft.ended = ended[-PAGES_REMEMBERED:]
        _write(draft, mark, entry.version, {})


@transaction.atomic
def set_discarded(*, entry: ReportEntry, discarded: bool, actor: User) -> None:
    """Set one's unsaved text aside, or take it up again. Without such a text nothing happens."""
    EntryDraft.objects.filter(entry=entry, user=actor).exclude(answer={}).update(is_discarded=discarded)


def _locked(entry: ReportEntry, actor: User, mark: PageMark) -> tuple[EntryDraft, bool]:
    first = {"entry_version": entry.version, "page": mark.page, "sequence": mark.sequence}
    return EntryDraft.objects.select_for_update(of=("self",)).get_or_create(entry=entry, user=actor, defaults=first)


def _is_late(draft: EntryDraft, mark: PageMark) -> bool:
    """Sent before something that has arrived already. Without JavaScript a page counts nothing: then none is late."""
    arrived = [[str(draft.page), draft.sequence], *draft.ended]
    return any(page == str(mark.page) and mark.sequence < sequence for page, sequence in arrived)


def _may_replace(draft: EntryDraft, mark: PageMark) -> bool:
    nothing_there = not draft.answer or draft.is_discarded
    return nothing_there or draft.page == mark.page or draft.mark == mark.follows


def _write(draft: EntryDraft, mark: PageMark, version: int, answer: Mapping[str, Sequence[str]]) -> EntryDraft:
    draft.page, draft.sequence = mark.page, max(mark.sequence, draft.sequence if draft.page == mark.page else 0)
    draft.entry_version, draft.answer = version, dict(answer)
    draft.is_discarded, draft.kept_at = False, timezone.now()
    draft.save()
    return draft
