"""The plan, reports, their answers, questions and versions."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import F, QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import IF_MATCH, KeyRequest, KeyView, PublicView, endpoint, filters_of, narrowed, refuse_faults
from accounts.models import State, User
from core.exceptions import NotAllowed
from core.models import Job
from workplan import forms, permissions, presenters, serializers, services
from workplan.enums import ReportStatus, Step
from workplan.models import Activity, Evidence, Question, Report, ReportEntry, ReportPaper, ReportVersion, Round
from workplan.queries import (
    current_catalogue,
    grouping_choices,
    published_versions,
    report_activities,
    report_content,
)

STEPS: dict[Step, Callable[..., Report]] = {
    Step.SEND_TO_COORDINATOR: services.send_to_coordinator,
    Step.TAKE_BACK: services.take_back,
    Step.WITHDRAW: services.withdraw,
    Step.ASK_RETURN: services.ask_return,
    Step.RETURN: services.return_report,
    Step.REOPEN: services.reopen,
}
DECIDED = (ReportStatus.RETURNED, ReportStatus.ACCEPTED, "all")  # what waits is told where none is named


# --- the plan -------------------------------------------------------------------------------------


class PlanView(PublicView):
    """The Work Plan in force."""

    serializer_class = serializers.PlanSerializer

    @extend_schema(operation_id="plan")
    def get(self, request: Request) -> Response:
        catalogue = current_catalogue()
        plan: Any = catalogue.plan
        plan.listed = catalogue
        return self.shown(plan)


class ActivitiesView(ListModelMixin, PublicView):
    """The activities of the plan, in its order."""

    serializer_class = serializers.ActivitySerializer
    ordering = "position"

    def get_queryset(self) -> "QuerySet[Activity]":
        activities = Activity.objects.visible_to(self.request.user).filter(catalogue=current_catalogue())
        wanted = narrowed(forms.PlanFilterForm(self.request.query_params)).wanted()
        return activities.matching(**wanted).select_related("area")

    @extend_schema(operation_id="activities", parameters=filters_of(forms.PlanFilterForm))
    def get(self, request: Request) -> Response:
        return self.list(request)


class ActivityView(PublicView):
    """One activity."""

    serializer_class = serializers.ActivitySerializer

    @extend_schema(operation_id="activity")
    def get(self, request: Request, code: str) -> Response:
        activities = Activity.objects.visible_to(request.user).filter(catalogue=current_catalogue())
        return self.shown(get_object_or_404(activities.select_related("area"), code=code))


class StatesView(ListModelMixin, PublicView):
    """The States that take part in the Work Plan."""

    serializer_class = serializers.StateSerializer
    ordering = "iso2"

    def get_queryset(self) -> "QuerySet[State]":
        form = narrowed(forms.StateFilterForm(self.request.query_params, groupings=grouping_choices()))
        states, grouping = State.objects.visible_to(self.request.user).participating(), form.wanted()
        return states.filter(groupings__grouping__slug=grouping).distinct() if grouping else states

    @extend_schema(operation_id="states", parameters=filters_of(forms.StateFilterForm))
    def get(self, request: Request) -> Response:
        return self.list(request)


class PublishedReportsView(ListModelMixin, PublicView):
    """Accepted reports that their States show to everybody."""

    serializer_class = serializers.PublishedReportSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[ReportVersion]":
        wanted = narrowed(forms.PublishedFilterForm(self.request.query_params)).wanted()
        return published_versions().filter(**wanted).defer("content")

    @extend_schema(operation_id="published_reports", parameters=filters_of(forms.PublishedFilterForm))
    def get(self, request: Request) -> Response:
        return self.list(request)


class PublishedReportView(PublicView):
    """One of them, with its answers."""

    serializer_class = serializers.WholePublishedReportSerializer

    @extend_schema(operation_id="published_report")
    def get(self, request: Request, iso2: str, round_code: str) -> Response:
        shown = published_versions().filter(report__state__iso2=iso2.upper(), report__round__code=round_code)
        version = get_object_or_404(shown)
        return self.shown(version, etag=f"{iso2.upper()}-{round_code}-{version.number}")


# --- reports --------------------------------------------------------------------------------------


def report_of(request: KeyRequest, reference: str) -> Report:
    reports = Report.objects.visible_to(request.user).select_related("round__catalogue", "state")
    return get_object_or_404(reports, reference=reference)


def _tag(report: Report) -> str:
    return f"{report.status}-{report.updated_at.timestamp()}"


class ReportsView(ListModelMixin, KeyView):
    """Reports that the person may open, the newest first."""

    serializer_class = serializers.ReportSerializer
    ordering = "-pk"
    filter_form: type[forms.ReviewFilterForm] = forms.ReportFilterForm

    def get_queryset(self) -> "QuerySet[Report]":
        reports = Report.objects.visible_to(self.request.user).select_related("round", "state")
        rounds, states = (model.objects.visible_to(self.request.user) for model in (Round, State))
        form = narrowed(self.filter_form(self.request.query_params, rounds=rounds, states=states))
        return reports.matching(**form.wanted())

    @extend_schema(operation_id="reports", parameters=filters_of(forms.ReportFilterForm, status=ReportStatus.values))
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class ReviewsView(ReportsView):
    """Reports that wait for this reviewer, or that were decided."""

    filter_form = forms.ReviewFilterForm

    def get_queryset(self) -> "QuerySet[Report]":
        return super().get_queryset().reviewed_by(self.request.user)  # type: ignore[attr-defined, no-any-return]

    @extend_schema(operation_id="reviews", parameters=filters_of(forms.ReviewFilterForm, status=DECIDED))
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class ReportView(KeyView):
    """One report."""

    serializer_class = serializers.ReportSerializer

    @extend_schema(operation_id="report")
    def get(self, request: KeyRequest, reference: str) -> Response:
        report = report_of(request, reference)
        return self.shown(report, etag=_tag(report))


class ReportCheckView(KeyView):
    """What is still missing, before a report is sent."""

    serializer_class: Any = serializers.CheckSerializer

    @extend_schema(operation_id="report_check")
    def get(self, request: KeyRequest, reference: str) -> Response:
        report = report_of(request, reference)
        if not permissions.can_read_answers(request.user, report):
            raise NotAllowed("Working answers are the reporter's own.")
        questions = Question.objects.visible_to(request.user).filter(report=report)
        return self.shown(_check(report, questions, request.user))


def _check(report: Report, questions: Iterable[Question], user: User) -> dict[str, Any]:
    """As the page of the check counts it."""
    last = report.versions.last()
    before = last.content if last else None
    areas = presenters.answer_areas(report_content(report), report_activities(report), before, questions)
    summary, entries = presenters.summarize(areas), report.entries.order_by("activity__position")
    lists = ("blank", "without_text", "changed")
    return {
        **{name: [answer.code for answer in getattr(summary, name)] for name in lists},
        "total": summary.total,
        "answered": summary.answered,
        "statuses": {code: number for code, _label, number in summary.statuses if code},
        "unconfirmed": entries.exclude(carried_from=None).values_list("activity__code", flat=True),
        "proposed": entries.exclude(proposed_by=None).values_list("activity__code", flat=True),
        "open_questions": summary.open_questions,
        "steps": [step for step in Step if permissions.can_take_step(user, report, step)],
    }


class ReportStepsView(KeyView):
    """Send a report to the coordinator, take it back, withdraw what was sent; ask for its return, return, reopen."""

    serializer_class = serializers.StepSerializer

    @extend_schema(operation_id="report_step", responses=serializers.ReportSerializer)
    def post(self, request: KeyRequest, reference: str) -> Response:
        report = report_of(request, reference)
        sent = self.read()
        step = Step(sent.pop("step"))
        if not permissions.holds_step(request.user, report, step):
            raise NotAllowed("This step is not yours to take.")
        moved = STEPS[step](report=report, actor=request.user, **sent)
        self.serializer_class = serializers.ReportSerializer  # type: ignore[assignment]
        return self.shown(moved, etag=_tag(moved), location=reverse("api_report", args=[reference]))


# --- entries --------------------------------------------------------------------------------------


def entries_of(request: KeyRequest, reference: str) -> "QuerySet[ReportEntry]":
    entries = ReportEntry.objects.visible_to(request.user).filter(report__reference=reference)
    return entries.with_list_data().select_related("carried_from").prefetch_related("actions")


class EntriesView(ListModelMixin, KeyView):
    """The working answers of a report: the reporter's own people's, and what was handed to somebody."""

    serializer_class = serializers.EntrySerializer
    ordering = "position"

    def get_queryset(self) -> "QuerySet[ReportEntry]":
        # A page names the next by an attribute of its last row.
        return entries_of(self.request, self.kwargs.get("reference", "")).annotate(position=F("activity__position"))

    @extend_schema(operation_id="entries")
    def get(self, request: KeyRequest, reference: str) -> Response:
        if not self.get_queryset().exists():
            raise Http404
        return self.list(request)


class EntryView(KeyView):
    """One answer."""

    serializer_class = serializers.EntrySerializer

    @extend_schema(operation_id="entry")
    def get(self, request: KeyRequest, reference: str, code: str) -> Response:
        entry = get_object_or_404(entries_of(request, reference), activity__code=code)
        return self.shown(entry, etag=str(entry.version))

    @extend_schema(operation_id="entry_write", parameters=[IF_MATCH])
    def put(self, request: KeyRequest, reference: str, code: str) -> Response:
        """Write the whole answer whose version was read; nothing is overwritten unseen."""
        return self._written(self._editable(reference, code))

    @extend_schema(operation_id="entry_change", parameters=[IF_MATCH])
    def patch(self, request: KeyRequest, reference: str, code: str) -> Response:
        """Change the parts that are sent, and leave the others. Actions are one part."""
        entry = self._editable(reference, code)
        sent = request.data if isinstance(request.data, Mapping) else {"": None}
        form: Any = self.get_serializer(entry)
        if unknown := sorted(set(sent) - set(form.fields)):
            raise ValidationError({name: ["There is no such part."] for name in unknown})
        return self._written(entry, {**form.data, **sent})

    def _editable(self, reference: str, code: str) -> ReportEntry:
        entry = editable_entry(self.request, reference, code)
        self.version_read(entry.version)
        return entry

    def _written(self, entry: ReportEntry, whole: Any = None) -> Response:
        sent = self.read(whole)
        data = _checked(entry, sent).entry_data(serializers.actions_of(sent))
        services.save_entry(entry=entry, version=entry.version, data=data, actor=self.request.user)
        return self.get(self.request, entry.report.reference, entry.activity.code)


def editable_entry(request: KeyRequest, reference: str, code: str) -> ReportEntry:
    entry = get_object_or_404(entries_of(request, reference), activity__code=code)
    if not permissions.can_edit_entry(request.user, entry):
        raise NotAllowed("This entry cannot be changed now.")
    return entry


def _checked(entry: ReportEntry, sent: dict[str, Any]) -> forms.EntryForm:
    """By the form of the page: the same rules hold whichever way an answer comes."""
    completed = "yes" if sent["is_ready"] else "no"
    form = forms.EntryForm({**sent, "version": entry.version, "completed": completed}, entry=entry, before=None)
    refuse_faults(form)
    return form


# --- questions of the review ----------------------------------------------------------------------


class QuestionsView(ListModelMixin, KeyView):
    """Questions of the review of a report."""

    serializer_class = serializers.QuestionSerializer
    ordering = "asked_at"

    def get_queryset(self) -> "QuerySet[Question]":
        questions = Question.objects.visible_to(self.request.user)
        return questions.filter(report__reference=self.kwargs.get("reference", "")).with_thread()

    @extend_schema(operation_id="questions")
    def get(self, request: KeyRequest, reference: str) -> Response:
        if not self.get_queryset().exists():
            report_of(request, reference)
        return self.list(request)

    @extend_schema(operation_id="question_ask", responses={201: serializers.QuestionSerializer})
    def post(self, request: KeyRequest, reference: str) -> Response:
        """Ask the reporter about a field of what was sent."""
        report, asked = report_of(request, reference), self.read()
        if not permissions.can_review(request.user, report):
            raise NotAllowed("You do not review this report.")
        code = asked["activity"]["code"]
        activity = report_activities(report).filter(code=code).first()
        if activity is None:
            raise ValidationError({"activity": ["There is no such activity."]})
        question = services.ask_question(
            report=report, activity=activity, field=asked["field"], text=asked["text"], actor=request.user
        )
        return self.shown(question, code=201, location=reverse("api_question", args=[reference, question.public_id]))


def _question(request: KeyRequest, reference: str, public_id: Any) -> Question:
    questions = Question.objects.visible_to(request.user).with_thread()
    return get_object_or_404(questions, report__reference=reference, public_id=public_id)


class QuestionView(KeyView):
    """One question, with its replies."""

    serializer_class = serializers.QuestionSerializer

    @extend_schema(operation_id="question")
    def get(self, request: KeyRequest, reference: str, public_id: Any) -> Response:
        return self.shown(_question(request, reference, public_id))


class RepliesView(KeyView):
    """Reply to a question."""

    serializer_class = serializers.ReplySerializer

    @extend_schema(operation_id="question_reply", responses={201: serializers.ReplySerializer})
    def post(self, request: KeyRequest, reference: str, public_id: Any) -> Response:
        question = _question(request, reference, public_id)
        if not permissions.can_answer(request.user, question):
            raise NotAllowed("You cannot answer this question.")
        reply = services.answer_question(question=question, text=self.read()["text"], actor=request.user)
        return self.shown(reply, code=201, location=reverse("api_question", args=[reference, public_id]))


class ResolveView(KeyView):
    """The reviewer has what was asked for."""

    serializer_class = serializers.QuestionSerializer

    @extend_schema(operation_id="question_resolve", request=None)
    def post(self, request: KeyRequest, reference: str, public_id: Any) -> Response:
        question = _question(request, reference, public_id)
        services.resolve_question(question=question, actor=request.user)
        location = reverse("api_question", args=[reference, public_id])
        return self.shown(_question(request, reference, public_id), location=location)


# --- what was sent --------------------------------------------------------------------------------


def versions_of(request: KeyRequest, reference: str) -> "QuerySet[ReportVersion]":
    versions = ReportVersion.objects.visible_to(request.user).filter(report__reference=reference)
    return versions.select_related("report__round", "report__state")


class VersionsView(ListModelMixin, KeyView):
    """The versions of a report that were sent."""

    serializer_class = serializers.VersionSerializer
    ordering = "number"

    def get_queryset(self) -> "QuerySet[ReportVersion]":
        return versions_of(self.request, self.kwargs.get("reference", "")).defer("content")

    @extend_schema(operation_id="versions")
    def get(self, request: KeyRequest, reference: str) -> Response:
        report_of(request, reference)
        return self.list(request)


class VersionView(KeyView):
    """One version, with its content."""

    serializer_class = serializers.WholeVersionSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        evidence = Evidence.objects.visible_to(self.request.user)
        seen = evidence.filter(entry__report__reference=self.kwargs.get("reference", ""))
        keys = {str(public_id) for public_id in seen.values_list("public_id", flat=True)}
        return {**super().get_serializer_context(), "evidence": keys}

    @extend_schema(operation_id="version")
    def get(self, request: KeyRequest, reference: str, number: int) -> Response:
        version = get_object_or_404(versions_of(request, reference), number=number)
        services.note_opening(version=version, actor=request.user)
        return self.shown(version, etag=version.sha256)


class ReceiptView(KeyView):
    """Have the receipt of a version made."""

    @extend_schema(operation_id="receipt", request=None, responses={202: None, 303: None})
    def post(self, request: KeyRequest, reference: str, number: int) -> Response:
        """202 with the job that makes it; 303 to the file, where it was made before."""
        version = get_object_or_404(versions_of(request, reference), number=number)
        services.note_opening(version=version, actor=request.user)
        return _paper(reference, services.request_paper(version=version, actor=request.user))


class DifferencesView(KeyView):
    """Have a document made of what changed between two versions of a report."""

    serializer_class = serializers.DifferencesSerializer

    @extend_schema(operation_id="differences", responses={202: None, 303: None})
    def post(self, request: KeyRequest, reference: str, number: int) -> Response:
        """202 with the job that makes it; 303 to the file, where it was made before."""
        asked = self.read()
        version = get_object_or_404(versions_of(request, reference), number=number)
        before = versions_of(request, reference).filter(number=asked["since"], number__lt=number).first()
        if before is None:
            raise ValidationError({"since": ["There is no such version before this one."]})
        for one in (before, version):
            services.note_opening(version=one, actor=request.user)
        made = services.request_paper(version=version, compared=before, language=asked["language"], actor=request.user)
        return _paper(reference, made)


def _paper(reference: str, made: ReportPaper | Job) -> Response:
    if isinstance(made, Job):
        return Response(status=202, headers={"Location": reverse("api_job", args=[made.public_id])})
    return Response(status=303, headers={"Location": reverse("api_paper", args=[reference, made.public_id])})


class PaperView(KeyView):
    """A document of what was sent, as it was written."""

    @extend_schema(operation_id="paper", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: KeyRequest, reference: str, public_id: Any) -> FileResponse:
        papers = ReportPaper.objects.visible_to(request.user).with_report()
        paper = get_object_or_404(papers, version__report__reference=reference, public_id=public_id)
        services.note_paper(paper=paper, actor=request.user)
        return FileResponse(paper.file.open("rb"), as_attachment=True, content_type="application/pdf")


urlpatterns = [
    path("plan/", endpoint(PlanView), name="api_plan"),
    path("activities/", endpoint(ActivitiesView), name="api_activities"),
    path("activities/<slug:code>/", endpoint(ActivityView), name="api_activity"),
    path("states/", endpoint(StatesView), name="api_states"),
    path("published-reports/", endpoint(PublishedReportsView), name="api_published_reports"),
    path(
        "published-reports/<slug:iso2>/<slug:round_code>/",
        endpoint(PublishedReportView),
        name="api_published_report",
    ),
    path("reviews/", endpoint(ReviewsView), name="api_reviews"),
    path("reports/", endpoint(ReportsView), name="api_reports"),
    path("reports/<slug:reference>/", endpoint(ReportView), name="api_report"),
    path("reports/<slug:reference>/check/", endpoint(ReportCheckView), name="api_report_check"),
    path("reports/<slug:reference>/steps/", endpoint(ReportStepsView), name="api_report_steps"),
    path("reports/<slug:reference>/entries/", endpoint(EntriesView), name="api_entries"),
    path("reports/<slug:reference>/entries/<slug:code>/", endpoint(EntryView), name="api_entry"),
    path("reports/<slug:reference>/questions/", endpoint(QuestionsView), name="api_questions"),
    path("reports/<slug:reference>/questions/<uuid:public_id>/", endpoint(QuestionView), name="api_question"),
    path("reports/<slug:reference>/questions/<uuid:public_id>/replies/", endpoint(RepliesView), name="api_replies"),
    path("reports/<slug:reference>/questions/<uuid:public_id>/resolve/", endpoint(ResolveView), name="api_resolve"),
    path("reports/<slug:reference>/papers/<uuid:public_id>/", endpoint(PaperView), name="api_paper"),
    path("reports/<slug:reference>/versions/", endpoint(VersionsView), name="api_versions"),
    path("reports/<slug:reference>/versions/<int:number>/", endpoint(VersionView), name="api_version"),
    path("reports/<slug:reference>/versions/<int:number>/receipt/", endpoint(ReceiptView), name="api_receipt"),
    path(
        "reports/<slug:reference>/versions/<int:number>/differences/",
        endpoint(DifferencesView),
        name="api_differences",
    ),
]
