"""Who has the form of an entry open. A courtesy to those who write together: nothing depends on it."""

from django.utils import timezone

from accounts.models import User
from workplan.models import EntryPresence, ReportEntry


def note_presence(*, entry: ReportEntry, actor: User) -> None:
    EntryPresence.objects.update_or_create(entry=entry, user=actor, defaults={"seen_at": timezone.now()})


def end_presence(*, entry: ReportEntry, actor: User) -> None:
    EntryPresence.objects.filter(entry=entry, user=actor).delete()
