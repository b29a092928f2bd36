"""Pages of signing in that allauth does not have, and pages of people and roles."""

import time
from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from uuid import UUID

from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.core.signing import BadSignature
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse, translate_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import permissions, queries, services
from accounts.delivery import stop_signer
from accounts.enums import PROTECTED, SEEN
from accounts.forms import (
    AcceptForm,
    AppointmentForm,
    FactorResetForm,
    GiveRoleForm,
    HandoverForm,
    InstitutionForm,
    InvitationForm,
    NoteForm,
    ProfileForm,
    ReviewForm,
    TeamFilterForm,
)
from accounts.models import (
    FactorReset,
    FocalPointAppointment,
    Institution,
    Invitation,
    NoteDocument,
    RoleAssignment,
    User,
)
from accounts.permissions import fresh_sign_in_required, has_second_factor
from core.exceptions import NotAllowed, PortalError
from core.sanitize.kinds import KINDS

View = Callable[..., HttpResponse]
# Even a browser that opened the file in place could run nothing of it.
DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def errors_are_422(view: View) -> View:
    """allauth answers a form with errors with 200; ours say 422."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and isinstance(response, TemplateResponse):
            form = (response.context_data or {}).get("form")
            response.status_code = 422 if form is not None and form.errors else response.status_code
        return response

    return wrapped


def signed_in(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def manager(request: HttpRequest) -> User:
    """The signed-in person, if they manage people at all."""
    user = signed_in(request)
    if not permissions.manages_people(user):
        raise PermissionDenied
    return user


def page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A page; with status 422 where its form was sent with errors."""
    form = context.get("form")
    has_errors = request.method == "POST" and form is not None and form.is_bound and not form.is_valid()
    return render(request, template, context, status=422 if has_errors else 200)


def done(
    request: HttpRequest,
    act: Callable[[], object],
    said: str,
    target: str,
    *args: Any,
    form: forms.Form | None = None,
    template: str = "",
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """Call the service and go on; where it refuses, say why, in the form if there is one."""
    try:
        act()
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        if form is not None:
            form.add_error(None, str(refusal.message))
            return page(request, template, **(context or {}))
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, said)
    return redirect(target, *args)


def keep_session(request: HttpRequest, user: User) -> None:
    """The person's other sessions end with the change of their role; this one goes on under a new key."""
    user.refresh_from_db(fields=["session_epoch"])
    update_session_auth_hash(request, user)


# --- signing in -----------------------------------------------------------------------------------


@require_safe
def set_up(request: HttpRequest) -> HttpResponse:
    """The first sign-in: choose a second factor."""
    if request.session.get(PROTECTED):
        return redirect("mfa_index")
    return render(request, "accounts/set_up.html", {"has_factor": has_second_factor(request.user)})


@require_POST
def codes_saved(request: HttpRequest) -> HttpResponse:
    """ "I have saved them": from here on the portal is open to whoever has a second factor."""
    request.session[PROTECTED] = has_second_factor(request.user)
    return redirect("home")


@require_http_methods(["GET", "POST"])
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """allauth's page, but the last factor stays."""
    passkey = get_object_or_404(Authenticator, pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN)
    if not get_mfa_adapter().can_delete_authenticator(passkey):
        messages.error(request, _("This is your only second factor. Add another one before you remove it."))
        return redirect("mfa_index")
    return remove_webauthn(request, pk=pk)  # type: ignore[no-any-return]


@require_http_methods(["GET", "POST"])
def session_left(request: HttpRequest) -> JsonResponse:
    """Seconds until the idle limit. Asking does not extend the session; sending does."""
    if request.method == "POST":
        request.session[SEEN] = time.time()
    idle = time.time() - request.session[SEEN]
    return JsonResponse({"seconds": max(0, round(settings.SESSION_IDLE_LIMIT.total_seconds() - idle))})


# --- one's own account ------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    initial = {"full_name": user.full_name, "language": user.language, "time_zone": user.time_zone}
    form = ProfileForm(request.POST or None, initial=initial)
    if form.is_valid():
        services.save_profile(actor=user, **form.cleaned_data)
        messages.success(request, _("Your details are saved."))
        return redirect(translate_url(reverse("profile"), user.language))
    roles = user.role_assignments.not_over().select_related("institution__state")
    reset = user.factor_resets.open().first()
    return page(request, "accounts/profile.html", form=form, roles=roles, reset=reset)


# --- accepting an invitation ------------------------------------------------------------------------


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link. Used, revoked, expired and invented links look the same."""
    invitation = queries.invitation_of_link(token)
    if invitation is None:
        return render(request, "accounts/invitation_gone.html", status=404)
    if User.objects.filter(email__iexact=invitation.email).exists():
        return _accept_as_known(request, invitation, token)
    form = AcceptForm(request.POST or None, invitation=invitation)
    if form.is_valid():
        services.accept_as_new(token=token, **form.cleaned_data)
        messages.success(request, _("Your account is open. Sign in with your address and the password you chose."))
        return redirect("account_login")
    return page(request, "accounts/invitation.html", form=form, invitation=invitation)


def _accept_as_known(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    is_theirs = isinstance(request.user, User) and request.user.email == invitation.email
    if request.method == "POST" and is_theirs:
        user = signed_in(request)
        answer = done(
            request, lambda: services.accept_as_known(token=token, actor=user), _("You have the new role."), "home"
        )
        keep_session(request, user)
        return answer
    return page(request, "accounts/invitation_known.html", invitation=invitation, is_theirs=is_theirs)


# --- the team ---------------------------------------------------------------------------------------


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
        pending=pending[:100],
        resets=resets[:50],
        reviews=[(side, queries.review_state(side)) for side in permissions.review_sides(user)],
        can_appoint=permissions.can_record_appointments(user),
    )


@require_safe
def person_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, person = _managed(request, public_id)
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


def _managed(request: HttpRequest, public_id: UUID) -> tuple[User, User]:
    """The manager and the person they look at; 404 where these are not their people."""
    user = manager(request)
    return user, get_object_or_404(queries.team(user, everybody=True), public_id=public_id)


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
            _("The invitation is on its way."),
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


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def give_role(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, person = _managed(request, public_id)
    institution = _institution(request, user)
    form = GiveRoleForm(request.POST or None, actor=user, institution=institution)
    context = {"form": form, "person": person, "institutions": _institution_form(user, institution)}
    if form.is_valid():
        return done(
            request,
            lambda: services.give_role(actor=user, person=person, institution=institution, **form.cleaned_data),
            _("The role is given."),
            "person_detail",
            person.public_id,
            form=form,
            template="accounts/give_role.html",
            context=context,
        )
    return page(request, "accounts/give_role.html", **context)


@fresh_sign_in_required
@require_POST
def end_role(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    user, person = _managed(request, public_id)
    role = get_object_or_404(RoleAssignment.objects.visible_to(user), pk=pk, user=person)
    said = _("The role is ended.")
    return done(request, lambda: services.end_role(actor=user, assignment=role), said, "person_detail", public_id)


@fresh_sign_in_required
@require_POST
def switch_account(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Close an open account, open a closed one."""
    user, person = _managed(request, public_id)
    change = services.deactivate if person.is_active else services.reactivate
    said = _("The account is closed.") if person.is_active else _("The account is open again.")
    return done(request, lambda: change(actor=user, person=person), said, "person_detail", public_id)


@fresh_sign_in_required
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
def hand_over(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody leaves: what is open, who takes over."""
    user, person = _managed(request, public_id)
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


# --- access review and appointments -----------------------------------------------------------------


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def access_review(request: HttpRequest) -> HttpResponse:
    """Every quarter: tick who stays."""
    user = manager(request)
    side = permissions.review_sides(user)[0]
    people = queries.people_of(side)
    form = ReviewForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        staying = {person.pk for person in form.cleaned_data["staying"]}
        said = _("The review is recorded.")
        return done(request, lambda: services.review_access(actor=user, state=side, staying=staying), said, "team")
    return page(
        request,
        "accounts/access_review.html",
        form=form,
        people=people,
        side=side,
        me=user,
        review=queries.review_state(side),
    )


@require_safe
def appointment_list(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if not permissions.can_read_appointments(user):
        raise PermissionDenied
    rows = FocalPointAppointment.objects.visible_to(user).select_related("state", "user", "invitation", "recorded_by")
    return page(
        request,
        "accounts/appointments.html",
        appointments=Paginator(rows.with_documents(), 50).get_page(request.GET.get("page")),
        can_appoint=permissions.can_record_appointments(user),
        has_team=permissions.manages_people(user),
    )


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def appoint(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if not permissions.can_record_appointments(user):
        raise PermissionDenied
    form = AppointmentForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        data = {"institution": form.cleaned_data["institution"], "file": form.cleaned_data["file"]}
        return done(
            request,
            lambda: services.appoint(actor=user, note=form.note(), invitee=form.invitee(), **data),
            _("The appointment is recorded."),
            "appointment_list",
            form=form,
            template="accounts/appoint.html",
            context={"form": form},
        )
    return page(request, "accounts/appoint.html", form=form)


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def note_attach(request: HttpRequest, pk: int) -> HttpResponse:
    """The note verbale itself, which may follow the record of it; another file takes its place."""
    user = signed_in(request)
    if not permissions.can_record_appointments(user):
        raise PermissionDenied
    appointment = get_object_or_404(FocalPointAppointment.objects.visible_to(user).select_related("state"), pk=pk)
    form = NoteForm(request.POST or None, request.FILES or None)
    context = {"form": form, "appointment": appointment}
    if form.is_valid():
        file = form.cleaned_data["file"]
        return done(
            request,
            lambda: services.attach_note(appointment=appointment, file=file, actor=user),
            _("The note is attached and is being checked."),
            "appointment_list",
            form=form,
            template="accounts/note_attach.html",
            context=context,
        )
    return page(request, "accounts/note_attach.html", **context)


@require_safe
def note_download(request: HttpRequest, pk: int) -> FileResponse:
    """The copy, never the original. A note one may not read, and one without a copy, never existed."""
    user = signed_in(request)
    notes = NoteDocument.objects.visible_to(user).served().select_related("appointment__state")
    document = get_object_or_404(notes, appointment=pk)
    services.note_download(document=document, actor=user)
    return FileResponse(
        document.served.open(),
        as_attachment=True,
        filename=document.original_name,
        content_type=KINDS[document.kind].content_type,
        headers={"Content-Security-Policy": DOWNLOAD_POLICY, "X-Content-Type-Options": "nosniff"},
    )


# --- a lost second factor ---------------------------------------------------------------------------


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def factor_reset_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The coordinator asks, having made sure who it is."""
    user, person = _managed(request, public_id)
    if not permissions.can_request_reset(user, person):
        raise PermissionDenied
    form = FactorResetForm(request.POST or None)
    if form.is_valid():
        return done(
            request,
            lambda: services.request_factor_reset(actor=user, person=person, **form.cleaned_data),
            _("The Secretariat is asked to confirm."),
            "person_detail",
            public_id,
            form=form,
            template="accounts/factor_reset_new.html",
            context={"form": form, "person": person},
        )
    return page(request, "accounts/factor_reset_new.html", form=form, person=person)


def _visible_reset(user: User, public_id: UUID) -> FactorReset:
    resets = FactorReset.objects.visible_to(user).select_related("person", "requested_by")
    return get_object_or_404(resets, public_id=public_id)


@fresh_sign_in_required
@require_http_methods(["GET", "POST"])
def factor_reset_confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The second person."""
    user = signed_in(request)
    reset = _visible_reset(user, public_id)
    if not permissions.can_confirm_reset(user, reset):
        raise PermissionDenied
    if request.method == "POST":
        said = _("The reset is confirmed. It takes effect in 24 hours.")
        confirm = partial(services.confirm_factor_reset, actor=user, reset=reset)
        return done(request, confirm, said, "person_detail", reset.person.public_id)
    return page(request, "accounts/factor_reset_confirm.html", reset=reset)


@require_POST
def factor_reset_stop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Stopping needs no fresh sign-in: it is the safe direction, and may be urgent."""
    user = signed_in(request)
    reset = _visible_reset(user, public_id)
    target = ("profile",) if reset.person_id == user.pk else ("person_detail", reset.person.public_id)
    return done(
        request, partial(services.stop_factor_reset, actor=user, reset=reset), _("The reset is stopped."), *target
    )


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def factor_reset_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link in the mail. Used, late and invented links look the same."""
    try:
        reset = queries.reset_of_link(stop_signer().unsign(token))
    except BadSignature:
        reset = None
    if reset is None:
        return render(request, "accounts/factor_reset_gone.html", status=404)
    if request.method == "POST":
        said = _("The reset is stopped. Your second factor stays as it is.")
        stop = partial(services.stop_factor_reset, actor=reset.person, reset=reset)
        return done(request, stop, said, "account_login")
    return page(request, "accounts/factor_reset_link.html", reset=reset)
