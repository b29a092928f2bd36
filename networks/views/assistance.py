"""Technical assistance: what is needed, what is offered, what found each other."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from core.exceptions import NotAllowed, PortalError
from networks import permissions, presenters, services
from networks.enums import AssistanceSide, MatchStatus
from networks.forms import AssistanceFilterForm, AssistanceForm, MatchForm, language_of
from networks.models import AssistanceItem
from networks.queries import assistance_matrix, matches_of
from networks.views.common import attempt, form_page, page, paged, person


@require_GET
def assistance_list(request: HttpRequest) -> HttpResponse:
    """The matrix by topic, and the open needs and offers."""
    user = person(request)
    form = AssistanceFilterForm(request.GET)
    items = AssistanceItem.objects.visible_to(user).open().filter(**form.wanted()).with_list_data()
    context = {
        "form": form,
        "page": paged(request, items),
        "topics": presenters.topic_lines(assistance_matrix(user)),
    }
    return page(request, "networks/assistance_list.html", "assistance_list", **context)


@require_http_methods(["GET", "POST"])
def assistance_new(request: HttpRequest, side: str) -> HttpResponse:
    user = person(request)
    if side not in AssistanceSide.values:
        raise Http404
    if not permissions.assistance_institutions(user, side).exists():
        raise PermissionDenied
    form = AssistanceForm(request.POST or None, user=user, side=side, initial=language_of(user))
    if request.method == "POST" and form.is_valid():
        data = form.assistance_data()
        item = attempt(form, lambda: services.publish_assistance(data=data, actor=user))
        if item is not None:
            messages.success(request, _("It is published. Authorities, the Secretariat and partners see it."))
            return redirect(item)
    title = _("What is needed") if side == AssistanceSide.NEED else _("What is offered")
    back = (reverse("assistance_list"), _("Technical assistance"))
    return form_page(request, "assistance_list", form, title=title, back=back, button=_("Publish"))


def _item(user: User, public_id: UUID) -> AssistanceItem:
    return get_object_or_404(
        AssistanceItem.objects.visible_to(user).select_related("institution__state"), public_id=public_id
    )


@require_http_methods(["GET", "POST"])
def assistance_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One need or offer, its matches, and the proposal of another."""
    user = person(request)
    item = _item(user, public_id)
    form = MatchForm(request.POST or None, user=user, item=item)
    if request.method == "POST" and form.is_valid():
        other = form.cleaned_data["other"]
        need, offer = (item, other) if item.side == AssistanceSide.NEED else (other, item)
        if attempt(form, lambda: services.propose_match(need=need, offer=offer, actor=user)):
            messages.success(request, _("The match is proposed; the other side decides."))
            return redirect(item)
    context = {
        "item": item,
        "form": form,
        "matches": presenters.match_rows(matches_of(item), item, user),
        "can_propose": item.closed_on is None and form.fields["other"].queryset.exists(),  # type: ignore[attr-defined]
        "can_keep": permissions.can_keep_assistance(user, item),
    }
    return page(request, "networks/assistance_detail.html", "assistance_list", **context)


@require_POST
def assistance_close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user = person(request)
    item = _item(user, public_id)
    if not permissions.can_keep_assistance(user, item):
        raise PermissionDenied
    services.close_assistance(item=item, actor=user)
    messages.success(request, _("It is closed."))
    return redirect("assistance_list")


@require_POST
def match_decide(request: HttpRequest, public_id: UUID, pk: int, status: str) -> HttpResponse:
    user = person(request)
    item = _item(user, public_id)
    match = get_object_or_404(matches_of(item), pk=pk)
    if status not in MatchStatus.values:
        raise Http404
    try:
        services.decide_match(match=match, status=status, actor=user)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Recorded."))
    return redirect(item)
