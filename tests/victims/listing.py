"""The portal's own list of cases with three opened facts in each row, with the controls and without them."""

import contextlib
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.db.models.expressions import Col
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, override_settings

from tests.conftest import owner_cursor
from tests.factories.victims import acting_for
from victims import services
from victims.enums import Reason
from victims.middleware import SealedMiddleware
from victims.models import Alert, Approval, Case, Disposal, Entry
from victims.permissions import officer_of
from victims.vault import Receipt
from victims.views import cases

ROWS = 50
# Everything the list of a supervisor asks the area for.
ASKED: tuple[Any, ...] = (Case, Entry, Approval, Alert, Disposal)
_LAST_CELL = '<td class="govuk-table__cell">{{ row.case.get_status_display }}</td>'
_FACTS = """<td>{{ row.facts.age }}</td><td>{{ row.facts.exploitation_types|join:", " }}</td>
<td>{{ row.facts.place }}</td>"""


def _opened_list(request: HttpRequest, _template: str, context: dict[str, Any]) -> HttpResponse:
    """What the real view hands to its real template, and the facts of each row."""
    listed = [row.case for row in context["page"]]
    officer = request.officer  # type: ignore[attr-defined]
    facts = services.read_facts(actor=officer, cases=listed, reason=Reason.SUPERVISION, how="list")
    for row in context["page"]:
        object.__setattr__(row, "facts", facts[row.case.id])
    return HttpResponse(_template_with_facts().render(context, request))


@cache
def _template_with_facts() -> Any:
    text = (Path(settings.BASE_DIR) / "templates/victims/case_list.html").read_text()
    assert text.count(_LAST_CELL) == 1
    return engines["django"].from_string(text.replace(_LAST_CELL, _LAST_CELL + _FACTS))


@contextlib.contextmanager
def opened_list() -> Iterator[None]:
    """The view of the list shows fifty rows on a page, opened."""
    with patch.object(cases, "PAGE_SIZE", ROWS), patch.object(cases, "render", _opened_list):
        yield


# --- the same list without the controls -----------------------------------------------------------


class WithoutTheWall:
    """In place of SealedMiddleware: who the person is and for which State; nothing is entered, locked or checked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> None:
        if view.__module__.startswith("victims."):
            request.officer = officer_of(request.user)


def client_without_the_wall(client: Client) -> Client:
    """The same session."""
    wall = f"{SealedMiddleware.__module__}.{SealedMiddleware.__name__}"
    plain = f"{WithoutTheWall.__module__}.{WithoutTheWall.__name__}"
    other = Client()
    other.cookies = client.cookies
    with override_settings(MIDDLEWARE=[plain if name == wall else name for name in settings.MIDDLEWARE]):
        other.handler.load_middleware()
    return other


@contextlib.contextmanager
def without_controls() -> Iterator[None]:
    """The same models on plain tables of the open area's login; facts in clear; nothing in the trail, no key."""
    with contextlib.ExitStack() as stack:
        for model in ASKED:
            table = f'plain"."{_name(model)}'
            stack.enter_context(patch.object(model._meta, "db_table", table))
            stack.enter_context(patch.object(model, "area_database", "default"))
            for column in model._meta.concrete_fields:  # Django keeps each with the name of its table
                stack.enter_context(patch.dict(vars(column), cached_col=Col(table, column)))
        stack.enter_context(patch("victims.vault.announce", _announced))
        stack.enter_context(patch("victims.vault.unseal", _in_clear))
        yield


def _name(model: Any) -> str:
    return str(model._meta.db_table.rpartition('"')[2])


def _announced(*, cases: Any, field_class: str, **words: Any) -> Receipt:
    return Receipt(frozenset(cases), field_class)


def _in_clear(text: Any, receipt: Receipt, *, case: UUID, **address: Any) -> dict[str, Any]:
    opened: dict[str, Any] = json.loads(bytes(text))
    return opened


@contextlib.contextmanager
def plain_tables(state: str, facts: dict[str, Any]) -> Iterator[None]:
    """The rows of the area copied into tables without policies, their facts in clear, with the same indexes."""
    names = [_name(model) for model in ASKED]
    with acting_for(state):
        rows = {model: list(model._default_manager.all()) for model in ASKED}
    for row in rows[Case]:
        row.facts = json.dumps(facts).encode()
    with owner_cursor() as cursor:
        cursor.execute("CREATE SCHEMA plain; GRANT USAGE ON SCHEMA plain TO oas_app")
        for name in names:
            cursor.execute(f"CREATE TABLE plain.{name} (LIKE sealed.{name} INCLUDING DEFAULTS INCLUDING INDEXES)")
        cursor.execute("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA plain TO oas_app")
        try:
            with without_controls():
                for model in ASKED:
                    model._default_manager.bulk_create(rows[model])
            for name in names:
                cursor.execute(f"ANALYZE plain.{name}; SET ROLE oas_sealed_owner; ANALYZE sealed.{name}; RESET ROLE")
            yield
        finally:
            connections.close_all()  # or one that reads the tables still holds them
            cursor.execute("DROP SCHEMA plain CASCADE")
