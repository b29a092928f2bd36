"""Saved views: which filters of which page, under which name, for oneself or for one's institution (docs/adr/0162)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Institution, SavedView, User, ViewPin
from accounts.permissions import audit_chain
from accounts.queries import own_institutions
from core import audit
from core.exceptions import NotAllowed, PortalError

MOST = 50  # of a person
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)


@dataclass(frozen=True)
class ViewPage:
    """A page whose filters can be kept: those that are codes. What somebody typed into a search box is not."""

    label: "str | Promise"
    filters: tuple[str, ...]


PAGES: dict[str, ViewPage] = {}


def register_page(name: str, label: "str | Promise", *filters: str) -> None:
    """For the app whose page it is, by the name of its address."""
    PAGES[name] = ViewPage(label, filters)


def kept_query(page: str, query: Mapping[str, str]) -> str:
    """Of an address the known filters that are codes, in the page's own order."""
    return urlencode([(name, query[name]) for name in PAGES[page].filters if _CODE.fullmatch(query.get(name, ""))])


def address_of(view: SavedView) -> str:
    """Asked again each time it is opened: filters that the page no longer knows fall away. Empty: no such page."""
    if view.page not in PAGES:
        return ""
    query = kept_query(view.page, dict(parse_qsl(view.query)))
    return f"{reverse(view.page)}?{query}".rstrip("?")


@dataclass(frozen=True)
class ViewTerms:
    name: str
    institution: Institution | None = None  # with whom it is shared


@transaction.atomic
def save_view(*, page: str, query: Mapping[str, str], terms: ViewTerms, pin: bool, actor: User) -> SavedView:
    _refuse_one_more(actor)
    _refuse_institution(terms.institution, actor)
    view = SavedView.objects.create(
        owner=actor, page=page, query=kept_query(page, query), name=terms.name, institution=terms.institution
    )
    if pin:
        ViewPin.objects.create(view=view, user=actor)
    _audit("view.saved", view, actor)
    return view


@transaction.atomic
def change_view(*, view: SavedView, terms: ViewTerms, actor: User) -> SavedView:
    locked = _own(view, actor)
    if terms.institution != locked.institution:
        _refuse_institution(terms.institution, actor)
    locked.name, locked.institution = terms.name, terms.institution
    locked.save(update_fields=["name", "institution"])
    _audit("view.changed", locked, actor)
    return locked


@transaction.atomic
def pin_view(*, view: SavedView, is_pinned: bool, actor: User) -> None:
    """On one's own start page; of a shared view nobody else notices."""
    if not SavedView.objects.visible_to(actor).filter(pk=view.pk).exists():
        raise NotAllowed(_("This view is not yours."))
    if is_pinned:
        ViewPin.objects.get_or_create(view=view, user=actor)
    else:
        ViewPin.objects.filter(view=view, user=actor).delete()


@transaction.atomic
def remove_view(*, view: SavedView, actor: User) -> None:
    """It can be brought back for a day, with the pins of everybody."""
    locked = _own(view, actor)
    locked.removed_at = timezone.now()
    locked.save(update_fields=["removed_at"])
    _audit("view.removed", locked, actor)


@transaction.atomic
def restore_view(*, view: SavedView, actor: User) -> None:
    _refuse_one_more(actor)
    gone = SavedView.objects.just_removed_by(actor).filter(pk=view.pk)
    if gone.update(removed_at=None):
        _audit("view.restored", view, actor)


def _refuse_one_more(actor: User) -> None:
    """The person's row is locked: two at once are counted one after the other."""
    User.objects.select_for_update().get(pk=actor.pk)
    if SavedView.objects.filter(owner=actor, removed_at=None).count() >= MOST:
        raise PortalError(_("You have fifty views. Remove one first."))


def _own(view: SavedView, actor: User) -> SavedView:
    found = SavedView.objects.visible_to(actor).filter(owner=actor, pk=view.pk).select_for_update(of=("self",)).first()
    if found is None:
        raise NotAllowed(_("Only whoever saved a view changes it."))
    return found


def _refuse_institution(institution: Institution | None, actor: User) -> None:
    if institution is not None and not own_institutions(actor).filter(pk=institution.pk).exists():
        raise NotAllowed(_("You do not act for this institution."))


def _audit(verb: str, view: SavedView, actor: User) -> None:
    data = {"page": view.page, "shared": view.institution_id is not None}
    audit.record(verb=verb, obj=view, actor=actor, chain=audit_chain(actor), data=data)
