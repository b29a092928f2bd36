"""One entry: its working answer, that of the period before, and who else has it open."""

from dataclasses import dataclass

from accounts.models import User
from workplan import permissions
from workplan.delivery import Reading
from workplan.models import (
    EntryPresence,
    ReportEntry,
)
from workplan.presenters.answers import Answer, answer
from workplan.queries import entry_content


@dataclass(frozen=True)
class Others:
    """Who else has the form of an entry open: by name those whom the reader may know, the others unnamed."""

    key: str
    names: list[str]
    unnamed: int


def others_in(entry: ReportEntry, user: User) -> Others:
    found = list(EntryPresence.objects.visible_to(user).filter(entry=entry).of_others(user))
    people = [presence.user_id for presence in found]
    # Whoever reads the whole report finds its writers named in the history.
    all_known = bool(found) and permissions.can_read_answers(user, entry.report)
    known = set(
        people if all_known else User.objects.visible_to(user).filter(pk__in=people).values_list("pk", flat=True)
    )
    names = sorted(str(presence.user) for presence in found if presence.user_id in known)
    return Others("-".join(map(str, people)), names, len(people) - len(names))


def entry_answer(entry: ReportEntry) -> Answer:
    """The working answer. Its evidence has a table of its own, which also shows what is not sent."""
    reading = Reading(entry.report.round.period_end)
    return answer({**entry_content(entry), "evidence": []}, entry.activity, [], [], reading)


def previous_answer(before: ReportEntry | None) -> Answer | None:
    """Last round's answer, unless there was none."""
    return entry_answer(before) if before is not None and before.status else None
