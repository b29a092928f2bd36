"""How soon authorities of one State answer those of another."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import State
from core.templatetags.portal import thousands
from networks.presenters import duration_words
from oas_trafficking.presenters.dashboard.base import Base
from oas_trafficking.presenters.dashboard.parts import Corridor


class Corridors(Base):
    @property
    def corridors(self) -> list[Corridor]:
        names = {report.state.pk: report.state for report in self.reports if report.state}
        known = [row for row in self.pairs if {row["sender_state"], row["receiver_state"]} <= names.keys()]
        return [self._corridor(row, names[row["sender_state"]], names[row["receiver_state"]]) for row in known]

    @staticmethod
    def _corridor(row: Mapping[str, Any], sender: State, receiver: State) -> Corridor:
        return Corridor(
            title=_("%(sender)s to %(receiver)s") % {"sender": sender, "receiver": receiver},
            url=reverse("cooperation_pair", args=[sender.iso2.lower(), receiver.iso2.lower()]),
            median=duration_words(row["median"]),
            **{name: row[name] for name in ("asked", "answered", "waiting", "overdue")},
        )

    @property
    def corridors_lead(self) -> str:
        count = self.pairs[0]["pairs"] if self.pairs else 0
        return ngettext(
            "Half of the answers came within the time shown. %(shown)s of %(count)s pair, those that ask most first.",
            "Half of the answers came within the time shown. %(shown)s of %(count)s pairs, those that ask most first.",
            count,
        ) % {"count": thousands(count), "shown": thousands(len(self.corridors))}
