"""The team: inviting, giving and ending roles, handing over, the access review."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import permissions, queries, services
from accounts.enums import TWO_PERSON_ROLES
from accounts.forms import (
    GiveRoleForm,
    HandoverForm,
    InstitutionForm,
    InvitationForm,
    ReviewForm,
    TeamFilterForm,
)
from accounts.models import (
    FactorReset,
    Institution,
    Invitation,
    RoleAssignment,
    User,
)
from accounts.views.common import done, managed, manager, page
from accounts.views.fresh import fresh_sign_in_required, fresh_to_change


@require_safe
def team(request: HttpRequest) -> HttpResponse:
    user = manager(request)
    form = TeamFilterForm(request.GET, actor=user)
    people = queries.team(user, **form.chosen())
    listed = Paginator(people, 50).get_page(request.GET.get("page"))
    resets = FactorReset.objects.visible_to(user).open().select_related("person", "requested_by")
    pending = Invitation.objects.visible_to(user).pending().select_related("institution__state", "invited_by")
    return page(
        request,
        "accounts/team.html",
        form=form,
        people=listed,
        pending=[(offer, permissions.can_confirm_role(user, offer)) for offer in pending[:100]],
        resets=resets[:50],
        reviews=[(side, queries.review_state(side)) for side in permissions.review_sides(user)],
        can_appoint=permissions.can_record_appointments(user),
    )


@require_safe
def person_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, person = managed(request, public_id)
    return page(
        request,
        "accounts/person.html",
        person=person,
        roles=[(role, permissions.can_manage_role(user, role)) for role in person.roles_now],
        can_deactivate=permissions.can_deactivate(user, person),
        is_self=person.pk == user.pk,
        **_factor_context(user, person),
    )


def _factor_context(user: User, person: User) -> dict[str, Any]:
    open_resets = FactorReset.objects.visible_to(user).open()
    reset = open_resets.filter(person=person).select_related("person", "requested_by", "confirmed_by").first()
    return {
        "reset": reset,
        "can_confirm": reset is not None and permissions.can_confirm_reset(user, reset),
        "can_request_reset": permissions.can_request_reset(user, person),
    }


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    user = manager(request)
    institution = _institution(request, user)
    form = InvitationForm(request.POST or None, actor=user, institution=institution)
    context = {"form": form, "institution": institution, "institutions": _institution_form(user, institution)}
    if form.is_valid():
        role = form.cleaned_data["role"]
        return done(
            request,
            lambda: services.invite(actor=user, invitee=form.invitee(), institution=institution, role=role),
            _said_of(role, _("The invitation is on its way.")),
            "team",
            form=form,
            template="accounts/invite.html",
            context=context,
        )
    return page(request, "accounts/invite.html", **context)


def _institution(request: HttpRequest, user: User) -> Institution:
    """The institution of the address; the first of one's own where none is named."""
    mine = permissions.managed_institutions(user).order_by("state__iso2", "name")
    if asked := request.GET.get("institution"):
        form = InstitutionForm({"institution": asked}, actor=user)
        if not form.is_valid():
            raise Http404
        return form.cleaned_data["institution"]  # type: ignore[no-any-return]
    own = mine.filter(pk__in=user.role_assignments.current().values("institution")).first()
    return own or get_object_or_404(mine[:1])


def _institution_form(user: User, institution: Institution) -> InstitutionForm:
    return InstitutionForm(actor=user, initial={"institution": institution.public_id})


def _said_of(role: str, at_once: str) -> str:
    return _("A second person is asked to confirm; then the link is sent.") if role in TWO_PERSON_ROLES else at_once


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def give_role(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, person = managed(request, public_id)
    institution = _institution(request, user)
    form = GiveRoleForm(request.POST or None, actor=user, institution=institution)
    context = {"form": form, "person": person, "institutions": _institution_form(user, institution)}
    if form.is_valid():
        return done(
            request,
            lambda: services.give_role(actor=user, person=person, institution=institution, **form.cleaned_data),
            _said_of(form.cleaned_data["role"], _("The role is given.")),
            "person_detail",
            person.public_id,
            form=form,
            template="accounts/give_role.html",
            context=context,
        )
    return page(request, "accounts/give_role.html", **context)


@fresh_to_change
@require_POST
def end_role(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    user, person = managed(request, public_id)
    role = get_object_or_404(RoleAssignment.objects.visible_to(user), pk=pk, user=person)
    said = _("The role is ended.")
    return done(request, lambda: services.end_role(actor=user, assignment=role), said, "person_detail", public_id)


@fresh_to_change
@require_POST
def switch_account(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Close an open account, open a closed one."""
    user, person = managed(request, public_id)
    change = services.deactivate if person.is_active else services.reactivate
    said = _("The account is closed.") if person.is_active else _("The account is open again.")
    return done(request, lambda: change(actor=user, person=person), said, "person_detail", public_id)


@fresh_to_change
@require_POST
def change_invitation(request: HttpRequest, public_id: UUID, change: str) -> HttpResponse:
    """Send again or revoke."""
    user = manager(request)
    invitation = get_object_or_404(Invitation.objects.visible_to(user), public_id=public_id)
    changes = {
        "resend": (services.resend_invitation, _("The invitation is on its way, with a new link.")),
        "revoke": (services.revoke_invitation, _("The invitation is revoked; its link no longer works.")),
    }
    service, said = changes[change]
    return done(request, lambda: service(invitation=invitation, actor=user), said, "team")


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def invitation_confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The second person looks at a role and confirms it."""
    user = manager(request)
    offers = Invitation.objects.visible_to(user).pending().select_related("institution__state", "invited_by")
    invitation = get_object_or_404(offers, public_id=public_id)
    if not permissions.can_confirm_role(user, invitation):
        raise PermissionDenied
    if request.method == "POST":
        said = _("The role is confirmed. The invitation is on its way.")
        return done(request, lambda: services.confirm_invitation(invitation=invitation, actor=user), said, "team")
    return page(request, "accounts/invitation_confirm.html", invitation=invitation)


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody leaves: what is open, who takes over."""
    user, person = managed(request, public_id)
    if not permissions.can_deactivate(user, person):
        raise PermissionDenied
    candidates = queries.successors(person)
    form = HandoverForm(request.POST or None, candidates=candidates)
    context = {"form": form, "person": person, "work": services.open_work(person)}
    if form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("successor", "reason")}
        return done(
            request,
            lambda: services.hand_over(actor=user, person=person, **data),
            _("The work is handed over and the account is closed."),
            "person_detail",
            public_id,
            form=form,
            template="accounts/hand_over.html",
            context=context,
        )
    return page(request, "accounts/hand_over.html", **context)


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def access_review(request: HttpRequest) -> HttpResponse:
    """Every quarter: tick who stays."""
    user = manager(request)
    side = permissions.review_sides(user)[0]
    people = queries.people_of(side)
    form = ReviewForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        chosen = {name: {person.pk for person in form.cleaned_data[name]} for name in ("shown", "staying")}
        said = _("The review is recorded.")
        return done(request, lambda: services.review_access(actor=user, state=side, **chosen), said, "team")
    return page(
        request,
        "accounts/access_review.html",
        form=form,
        people=people,
        side=side,
        me=user,
        review=queries.review_state(side),
    )
