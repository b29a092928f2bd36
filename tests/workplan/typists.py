"""Two people who type into one entry over a bad line, and what the portal promised them.

Every typed piece of text is a word of its own. A word that the portal said it has (an autosave answered, a save done)
may disappear only through somebody who had it before their eyes: by typing over it or by choosing another text.
"""

import random
import re
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from tests.system.http_browser import Form, Page
from workplan.models import EntryDraft, ReportEntry

WORD = re.compile(r"w[0-9]+w")
TEXTS = ("narrative", "results", "obstacles", "actions-0-title")
DATED = {"actions-0-kind": "study", "actions-0-starts_on_0": "3", "actions-0-starts_on_1": "3"}


def words(text: str) -> set[str]:
    return set(WORD.findall(text))


@dataclass
class Ledger:
    """What was promised, and what somebody who saw it let go."""

    promised: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)  # typed, and killed before the portal said anything
    count: int = 0

    def new_word(self) -> str:
        self.count += 1
        return f"w{self.count}w"

    def missing(self, entry: ReportEntry) -> set[str]:
        """Promised words that are neither in the answer nor in anybody's draft."""
        return self.promised - self.released - stored_words(entry) - draft_words(entry)


def stored_words(entry: ReportEntry) -> set[str]:
    now = ReportEntry.objects.get(pk=entry.pk)
    titles = [action.title for action in now.actions.all()]
    return words(" ".join([now.narrative, now.results, now.obstacles, *titles]))


def draft_words(entry: ReportEntry) -> set[str]:
    return words(" ".join(str(draft.answer) for draft in EntryDraft.objects.filter(entry=entry)))


@dataclass
class Request:
    """What left the browser, and which words it lets go."""

    data: dict[str, list[str]]
    drops: set[str]

    @property
    def words(self) -> set[str]:
        return words(" ".join(" ".join(values) for name, values in self.data.items() if name in TEXTS))


class Window:
    """A browser window of one person: closed, on the entry's form, or on the page of two texts."""

    def __init__(self, client: Client, address: str, ledger: Ledger, chance: random.Random) -> None:
        self.client, self.address, self.ledger, self.chance = client, address, ledger, chance
        self.form: Form | None = None
        self.fields: dict[str, list[str]] = {}
        self.is_conflict = False
        self.drops: set[str] = set()
        self.sequence = 0
        self.late: list[Request] = []

    # --- what a person does ---

    def open(self) -> None:
        self._show(self.client.get(self.address))

    def type(self) -> None:
        name = self.chance.choice(TEXTS)
        new, old = self.ledger.new_word(), self.fields.get(name, [""])[0]
        if self.chance.random() < 0.3 or len(old) > 150:
            self.drops |= words(old)
            self.fields[name] = [new]
        else:
            self.fields[name] = [f"{old} {new}".strip()]
        if name.startswith("actions"):
            self.fields |= {key: [value] for key, value in DATED.items()} | {"actions-0-starts_on_2": ["2014"]}

    def autosave(self, *, answered: bool = True) -> None:
        self._deliver(self._request(), answered)

    def delay(self) -> None:
        """Sent, and held up on the way."""
        self.late.append(self._request())

    def arrive(self) -> None:
        if self.late:
            self._deliver(self.late.pop(), answered=False)

    def save(self, *, answered: bool = True) -> None:
        request = self._request()
        response = self.client.post(self.address, {**request.data, "then": "exit"})
        if answered:
            self._show(response, request)
        else:
            self._gone(request)

    def choose(self, *, answered: bool = True) -> None:
        """Decide between the two texts, part by part; sometimes forgetting one."""
        assert self.form is not None
        choices = {n: self.chance.choice(v) for n, v in self.form.choices.items() if n.startswith("keep-")}
        if choices and self.chance.random() < 0.1:
            choices.popitem()
        # Both texts stood on the page: what is not kept is let go.
        request = Request({**self.fields, **{n: [v] for n, v in choices.items()}}, set(self.seen))
        response = self.client.post(self.address, request.data)
        if response.status_code == 302:
            self.ledger.released |= request.drops
        if answered:
            self._show(response, request)
        else:
            self._gone(request)

    def kill(self, *, beacon: bool) -> None:
        """The browser is gone; when it was closed rather than killed, it sends what it has first."""
        if self.form is not None and not self.is_conflict:
            request = self._request()
            if beacon:
                self._deliver(request, answered=False)
            self._gone(request)
        self._close()

    # --- what a browser does ---

    def _request(self) -> Request:
        self.sequence += 1
        self.fields["sequence"] = [str(self.sequence)]
        return Request({name: list(values) for name, values in self.fields.items()}, set(self.drops))

    def _deliver(self, request: Request, answered: bool) -> None:
        response = self.client.post(f"{self.address}autosave/", request.data)
        assert response.status_code in (200, 409), response.status_code
        if response.status_code != 200:
            return
        self.ledger.released |= request.drops
        if answered:
            self.ledger.promised |= request.words

    def _gone(self, request: Request) -> None:
        """Killed before an answer: whatever was typed over may be gone or not, and nothing new was promised."""
        self.ledger.released |= request.drops
        self.ledger.unanswered |= request.words - self.ledger.promised
        self._close()

    def _close(self) -> None:
        self.form, self.fields, self.is_conflict, self.drops, self.sequence = None, {}, False, set(), 0

    def _show(self, response: Any, request: Request | None = None) -> None:
        if response.status_code == 302:
            assert request is not None
            self.ledger.promised |= request.words - (set() if not self.is_conflict else self.seen)
            self.ledger.released |= request.drops
            self._close()
            return
        assert response.status_code in (200, 409, 422), response.status_code
        if request is not None and not self.is_conflict:
            # A refused form is kept as it stands: its writer typed over these words.
            self.ledger.released |= request.drops
        page = Page(self.address, response.status_code, "", response.content)
        self._close()
        self.is_conflict = "Two people wrote this answer" in page.words
        self.form = next(form for form in page.parsed.forms if "narrative" in form.names)
        self.seen = words(page.text)
        for name, value in self.form.fields:
            self.fields.setdefault(name, []).append(value)
        if request is not None:
            # Whatever stood in the refused form stands in this one.
            shown = words(" ".join(" ".join(values) for values in self.fields.values()))
            assert request.words <= shown | self.ledger.released, request.words - shown
            self.drops = request.drops
