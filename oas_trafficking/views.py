"""Pages that belong to no single app."""

import sys
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.http import require_GET, require_POST, require_safe
from redis.exceptions import RedisError

from accounts.api import problem_response
from accounts.enums import Role
from accounts.models import SavedView, State
from accounts.permissions import audit_chains, has_role
from accounts.views.fresh import fresh_download
from contributions.enums import Kind
from core.exceptions import PortalError
from core.files import is_full
from core.jobs import try_again
from core.maintenance import unavailable
from core.metrics import given_up, queues
from networks.enums import DeskVisibility, Service
from networks.models import Desk, Network
from oas_trafficking import services
from oas_trafficking.api import described
from oas_trafficking.context import desk_of
from oas_trafficking.delivery import EXPORTS, dashboard_of, figures_of, reports_of, rounds_looked_at, state_page_of
from oas_trafficking.forms import AnswerFilterForm, AuditFilterForm, PeriodForm
from oas_trafficking.presenters import audit_row, by_state_name, due_items, public
from oas_trafficking.presenters.activity import status_heads, told_of_accepted, told_of_published
from oas_trafficking.presenters.api_schema import groups
from oas_trafficking.presenters.dashboard import Dashboard, answer_choices, answer_rows
from oas_trafficking.presenters.operations import status_lines
from oas_trafficking.presenters.state_page import plans_of, published_reports
from oas_trafficking.presenters.theme import activity_lines, published_lines, released_rows, theme_links
from oas_trafficking.queries import audit_events
from oas_trafficking.queries.dashboard import answer_list
from oas_trafficking.queries.plan import (
    activities_of_theme,
    conclusions_on,
    contributions_on,
    last_release,
    live_of_last,
    opened_on,
    published_on,
)
from workplan.enums import Theme
from workplan.models import Activity, Round
from workplan.presenters import official_names, plan_of_activity, report_tag
from workplan.queries import current_catalogue, states_with_facts

API = "/api/"
AUDIT_PAGE = 50
ANSWERS_PAGE = 50
AWAY = (OperationalError, InterfaceError, RedisError, ConnectionError)  # the last: of the object storage
CONTRIBUTIONS = 20  # of a page; the rest is one link away
GIVEN_UP_SHOWN = 100


@login_not_required
@require_safe
def language_choice(request: HttpRequest) -> HttpResponse:
    """The root asks for the language: no guess from the browser, no redirect."""
    return render(request, "language_choice.html")


@login_not_required
@require_safe
def language_root(request: HttpRequest) -> HttpResponse:
    """The public start page; whoever is signed in goes to their own."""
    if request.user.is_authenticated:
        return redirect("home")
    return render(request, "public/start.html", {"plan": current_catalogue().plan, "feeds": list(public.FEEDS.items())})


@login_not_required
@require_safe
def feed(request: HttpRequest, kind: str) -> HttpResponse:
    """What was published lately, for programs that wait for news."""
    if kind not in public.FEEDS:
        raise Http404
    return HttpResponse(public.feed(request, kind), content_type="application/atom+xml; charset=utf-8")


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page in its languages, for search engines."""
    pages = public.site_map(request)
    return render(request, "public/sitemap.xml", {"pages": pages}, content_type="application/xml")


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    address = request.build_absolute_uri(reverse("sitemap"))
    return render(request, "public/robots.txt", {"sitemap": address}, content_type="text/plain")


@login_not_required
@require_safe
def get_help(request: HttpRequest) -> HttpResponse:
    """Hotlines that their States give to everybody: the same page for whoever asks."""
    public = Desk.objects.visible_to(request.user).open().filter(visibility=DeskVisibility.PUBLIC)
    hotlines = public.filter(service=Service.HOTLINE).select_related("institution__state")
    return render(request, "public/get_help.html", {"hotlines": by_state_name(hotlines)})


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What this person has to do, oldest deadline first."""
    user = desk_of(request).user
    pinned = SavedView.objects.visible_to(user).pinned_by_person(user)
    return render(request, "home.html", {"items": due_items(desk_of(request)), "pinned": pinned})


# --- dashboard -----------------------------------------------------------------------------------


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """The hemisphere on one page: four figures, the areas, what waits, and where each State stands."""
    rounds = _rounds_looked_at(request)
    if not rounds:
        return render(request, "dashboard/empty.html")
    form = PeriodForm(request.GET, rounds=rounds)
    return render(request, "dashboard/dashboard.html", {"form": form, "page": _dashboard(request, form)})


@require_GET
def dashboard_answers(request: HttpRequest) -> HttpResponse:
    """What a count of the dashboard is made of."""
    rounds = _rounds_looked_at(request)
    if not rounds:
        raise Http404
    form = AnswerFilterForm(request.GET, rounds=rounds)
    of, reports = figures_of(form)
    names = {report.state.iso2: report.state.name for report in reports if report.state}
    language = get_language() or "en"
    form.offer(**answer_choices(of, names, language))
    page = Paginator(answer_list(of, **form.wanted()), ANSWERS_PAGE).get_page(request.GET.get("page"))
    rows = answer_rows(page, of, names, language)
    return render(request, "dashboard/answers.html", {"form": form, "of": of, "page": page, "rows": rows})


@require_POST
def dashboard_remind(request: HttpRequest, code: str) -> HttpResponse:
    """Remind every State whose report is overdue; once a day, whoever presses the button."""
    round_ = get_object_or_404(Round.objects.visible_to(request.user), code=code)
    if not desk_of(request).is_secretariat:
        raise PermissionDenied
    told = services.remind_overdue(round_=round_, actor=desk_of(request).user)
    words = ngettext("%(count)d State was reminded.", "%(count)d States were reminded.", told) % {"count": told}
    messages.success(request, words if told else _("All of them were reminded today already."))
    return redirect(f"{reverse('dashboard')}?period={code}#attention")


@require_GET
@fresh_download
def dashboard_export(request: HttpRequest, kind: str) -> HttpResponse:
    """Exactly the view, as a workbook or as CSV."""
    rounds = _rounds_looked_at(request)
    if not rounds or kind not in EXPORTS:
        raise Http404
    form = PeriodForm(request.GET, rounds=rounds)
    content = services.export_dashboard(page=_dashboard(request, form), kind=kind, actor=desk_of(request).user)
    name = f'attachment; filename="dashboard-{form.round.code}.{kind}"'
    return HttpResponse(content, content_type=EXPORTS[kind], headers={"Content-Disposition": name})


def _rounds_looked_at(request: HttpRequest) -> list[Round]:
    """For the Secretariat."""
    desk = desk_of(request)
    if not desk.is_secretariat:
        raise PermissionDenied
    return rounds_looked_at(desk.user)


def _dashboard(request: HttpRequest, form: PeriodForm) -> Dashboard:
    return dashboard_of(desk_of(request), form)


# --- States --------------------------------------------------------------------------------------


@login_not_required
@require_safe
def state_detail(request: HttpRequest, iso2: str) -> HttpResponse:
    """Facts of a State, its reports, and its progress as far as the reader may open them: beside itself alone."""
    state = get_object_or_404(states_with_facts(request.user), iso2=iso2.upper())
    reports = reports_of(request.user, state)
    found = state_page_of(state, reports, request.GET)
    context = {
        "state": state,
        "names": official_names(state),
        "reports": [(report, *report_tag(report)) for report in reports],
        "published": published_reports(state),
        "plans": plans_of(request.user, state),
        "form": found[0] if found else None,
        "page": found[1] if found else None,
    }
    return render(request, "workplan/state_detail.html", context)


@require_GET
@fresh_download
def state_export(request: HttpRequest, iso2: str, kind: str) -> HttpResponse:
    """Exactly the view, as a workbook or as CSV."""
    state = get_object_or_404(State.objects.visible_to(request.user), iso2=iso2.upper())
    found = state_page_of(state, reports_of(request.user, state), request.GET)
    if kind not in EXPORTS:
        raise Http404
    if found is None:
        raise PermissionDenied
    form, page = found
    content = services.export_state(page=page, kind=kind, actor=desk_of(request).user)
    name = f'attachment; filename="{state.iso2}-{form.round.code}.{kind}"'
    return HttpResponse(content, content_type=EXPORTS[kind], headers={"Content-Disposition": name})


# --- activities and themes -----------------------------------------------------------------------


@login_not_required
@require_safe
def activity_detail(request: HttpRequest, code: str) -> HttpResponse:
    """An activity of the plan, and how it stands in States: what each published and, for whoever may open reports,
    what was accepted."""
    plan = plan_of_activity(code)
    activity: Activity = plan["activity"]
    follows_all = _follows_all(request)
    seen = opened_on(request.user, activity, follows_all=follows_all) if activity.is_for_states else None
    context = {
        **plan,
        "heads": status_heads(),
        "told": told_of_accepted(seen.live, seen.rounds, seen.versions, activity) if seen else None,
        "published": told_of_published(published_on([code]), activity),
        "follows_all": follows_all,
        "practice": list(contributions_on([code], Kind.GOOD_PRACTICE)[:CONTRIBUTIONS]),
    }
    return render(request, "workplan/activity_detail.html", context)


@login_not_required
@require_safe
def theme_detail(request: HttpRequest, theme: str) -> HttpResponse:
    """A theme of the Third Meeting, 4a to 4h, and everything the portal holds about it for this reader."""
    if theme not in Theme.values:
        raise Http404
    activities = activities_of_theme(theme)
    codes = [activity.code for activity in activities]
    published = published_on(codes)
    live = live_of_last(request.user, activities, follows_all=_follows_all(request))
    release = last_release()
    context = {
        "theme": Theme(theme),
        "themes": theme_links(theme),
        "catalogue": activities[0].catalogue if activities else None,
        "conclusions": conclusions_on(theme, codes),
        "live": live,
        "lines": activity_lines(activities, published, live),
        "published": published_lines(activities, published),
        "release": release,
        "tables": released_rows(theme, release),
        "networks": Network.objects.visible_to(request.user).filter(activity_code__in=codes),
        "contributions": list(contributions_on(codes)[:CONTRIBUTIONS]),
    }
    return render(request, "workplan/theme_detail.html", context)


def _follows_all(request: HttpRequest) -> bool:
    """Whether the reader follows the reports of every State."""
    return request.user.is_authenticated and desk_of(request).is_reviewer


# --- audit trail ---------------------------------------------------------------------------------


@require_GET
def audit_trail(request: HttpRequest) -> HttpResponse:
    """Who did what with the State's data; newest first, older pages by the number of the last event shown."""
    form = _audit_filter(request)
    if not form.is_valid():
        return _audit_page(request, form, status=422)
    events = list(audit_events(form.chosen_chain, form.cleaned_data)[: AUDIT_PAGE + 1])
    rows = [audit_row(event) for event in events[:AUDIT_PAGE]]
    return _audit_page(request, form, rows=rows, has_older=len(events) > AUDIT_PAGE)


@require_GET
@fresh_download
def audit_export(request: HttpRequest) -> HttpResponse:
    form = _audit_filter(request)
    if not form.is_valid():
        return _audit_page(request, form, status=422)
    chain, user = form.chosen_chain, request.user
    try:
        text = services.export_trail(chain=chain, events=audit_events(chain, form.cleaned_data), actor=user)  # type: ignore[arg-type]
    except PortalError as refusal:
        form.add_error("since", str(refusal))
        return _audit_page(request, form, status=422)
    name = f'attachment; filename="audit-{chain}.csv"'
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _audit_filter(request: HttpRequest) -> AuditFilterForm:
    chains = audit_chains(request.user)
    if not chains:
        raise PermissionDenied
    return AuditFilterForm(request.GET, chains=chains)


def _audit_page(request: HttpRequest, form: AuditFilterForm, *, status: int = 200, **more: Any) -> HttpResponse:
    kept = request.GET.copy()
    kept.pop("before", None)
    context = {"form": form, "query": kept.urlencode(), "paged": "before" in request.GET, **more}
    return render(request, "audit/trail.html", context, status=status)


@login_not_required
@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """What programs may ask for."""
    return render(request, "public/api_docs.html", {"groups": groups(described())})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """In the form that whoever asked can read."""
    if request.path.startswith(API):
        return problem_response(404, "Not found.")
    # The menu of a refusal counts nothing: four queries less for whoever tries addresses.
    request.is_refused = True  # type: ignore[attr-defined]
    return defaults.page_not_found(request, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same frame as of a page that is not there."""
    request.is_refused = True  # type: ignore[attr-defined]
    return defaults.permission_denied(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """503 where a server that is needed, or room, is missing, which passes by itself; 500 where the fault is ours."""
    error = sys.exc_info()[1]
    if isinstance(error, AWAY) or is_full(error):
        return unavailable(request)
    if request.path.startswith(API):
        return problem_response(500, "Something went wrong.")
    return defaults.server_error(request)


@login_not_required
@require_safe
def static_page(request: HttpRequest, name: str) -> HttpResponse:
    """Help, accessibility and privacy: the same for everybody, in four languages."""
    return render(request, f"pages/{name}.html")


# --- those who run the portal ----------------------------------------------------------------------


@require_GET
def operations(request: HttpRequest) -> HttpResponse:
    """How the installation is: the quick findings, the queues, and what was given up."""
    _only_administrators(request)
    context = {"lines": status_lines(), "queues": queues(), "given_up": given_up()[:GIVEN_UP_SHOWN]}
    return render(request, "operations/status.html", context)


@require_POST
def operations_try_again(request: HttpRequest, message_id: UUID) -> HttpResponse:
    _only_administrators(request)
    message = get_object_or_404(given_up(), pk=message_id)
    if try_again(message=message, actor=request.user):  # type: ignore[arg-type]
        messages.success(request, _("It is tried again."))
    else:
        messages.info(request, _("It was not waiting for that."))
    return redirect("operations")


def _only_administrators(request: HttpRequest) -> None:
    if not has_role(request.user, Role.SECRETARIAT_ADMIN):
        raise PermissionDenied
