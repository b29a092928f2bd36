"""National plans and treaties: every authority reads them, each State writes its own."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import State, User
from core.exceptions import NotAllowed, PortalError
from networks import permissions, presenters, services
from networks.forms import ActForm, PlanForm
from networks.models import InstrumentAct, LegalInstrument, NationalPlan
from networks.views.common import attempt, form_page, page, person

SECTION = "law_list"


@dataclass(frozen=True)
class Kind:
    form: type[PlanForm] | type[ActForm]
    model: Any
    new: Promise
    change: Promise


KINDS = {
    "plans": Kind(PlanForm, NationalPlan, gettext_lazy("Add a national plan"), gettext_lazy("Change the plan")),
    "acts": Kind(
        ActForm, InstrumentAct, gettext_lazy("Add a signature or ratification"), gettext_lazy("Change the entry")
    ),
}


def _viewer(request: HttpRequest) -> User:
    user = person(request)
    if not permissions.can_see_focal_points(user):
        raise PermissionDenied
    return user


def _kind(kind: str) -> Kind:
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]


@require_GET
def law_list(request: HttpRequest) -> HttpResponse:
    """All States in the order of their names, on this day."""
    user, day = _viewer(request), timezone.localdate()
    states = State.objects.visible_to(user).participating().distinct()
    instruments = list(LegalInstrument.objects.visible_to(user))
    plans = NationalPlan.objects.visible_to(user).standing()
    acts = InstrumentAct.objects.visible_to(user).standing()
    in_order = sorted(states, key=lambda state: state.sort_key)
    rows = presenters.law_rows(in_order, instruments, plans, acts, day)
    own = permissions.reporting_states(user).first()
    context = {"rows": rows, "instruments": instruments, "day": day, "own": own}
    return page(request, "networks/law_list.html", SECTION, **context)


@require_GET
def law_state(request: HttpRequest, iso2: str) -> HttpResponse:
    """One State's entries; for its own authority with what it removed."""
    user, day = _viewer(request), timezone.localdate()
    state = get_object_or_404(State.objects.visible_to(user), iso2=iso2.upper())
    plans = NationalPlan.objects.visible_to(user).filter(state=state)
    acts = InstrumentAct.objects.visible_to(user).filter(state=state).select_related("instrument")
    context = {
        "state": state,
        "day": day,
        "plans": presenters.plan_rows((plan for plan in plans if plan.removed_at is None), day),
        "acts": [act for act in acts if act.removed_at is None],
        "removed_plans": [plan for plan in plans if plan.removed_at is not None],
        "removed_acts": [act for act in acts if act.removed_at is not None],
        "can_write": permissions.writes_law_of(user, state),
    }
    return page(request, "networks/law_state.html", SECTION, **context)


@require_http_methods(["GET", "POST"])
def law_new(request: HttpRequest, kind: str) -> HttpResponse:
    of, user = _kind(kind), person(request)
    state = permissions.reporting_states(user).first()
    if state is None:
        raise PermissionDenied
    form = of.form(request.POST or None, initial={"language": user.language})
    if request.method == "POST" and form.is_valid():
        data = form.law_data()
        if attempt(form, lambda: services.enter_law(state=state, data=data, actor=user)):
            messages.success(request, _("It is in the register."))
            return redirect("law_state", state.iso2.lower())
    return _form(request, form, str(of.new), state)


@require_http_methods(["GET", "POST"])
def law_edit(request: HttpRequest, kind: str, public_id: UUID) -> HttpResponse:
    of, user = _kind(kind), person(request)
    record = _own(user, of, public_id)
    form = of.form(request.POST or None, initial=of.form.initial_of(record))
    if request.method == "POST" and form.is_valid():
        change = {"data": form.law_data(), "seen": form.cleaned_data["seen"]}
        if attempt(form, lambda: services.change_law(record=record, actor=user, **change)):
            messages.success(request, _("The change is saved."))
            return redirect("law_state", record.state.iso2.lower())
    return _form(request, form, str(of.change), record.state)


def _form(request: HttpRequest, form: PlanForm | ActForm, title: str, state: State) -> HttpResponse:
    back = (presenters.law_url(state), _("Plans and treaties"))
    return form_page(request, SECTION, form, title=title, back=back, caption=state.name)


def _own(user: User, of: Kind, public_id: UUID) -> Any:
    """One of the person's own State, to be changed."""
    records = of.model.objects.visible_to(user).select_related("state")
    record = get_object_or_404(records, public_id=public_id)
    if not permissions.writes_law_of(user, record.state):
        raise PermissionDenied
    return record


@require_POST
def law_remove(request: HttpRequest, kind: str, public_id: UUID) -> HttpResponse:
    return _step(request, kind, public_id, services.remove_law, _("Removed. You can put it back below."))


@require_POST
def law_restore(request: HttpRequest, kind: str, public_id: UUID) -> HttpResponse:
    return _step(request, kind, public_id, services.restore_law, _("It is in the register again."))


def _step(request: HttpRequest, kind: str, public_id: UUID, act: Any, said: str) -> HttpResponse:
    user = person(request)
    record = _own(user, _kind(kind), public_id)
    try:
        act(record=record, actor=user)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, said)
    return redirect("law_state", record.state.iso2.lower())
