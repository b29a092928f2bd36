"""The API of evaluations, of what a State is asked about its own part, and of the register of Meetings."""

from dataclasses import replace
from functools import cached_property, partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import IF_MATCH, KeyRequest, KeyView, Precondition, PublicView, endpoint, filled
from accounts.models import State
from core.canonical import fingerprint
from core.exceptions import NotAllowed, StaleVersion
from evaluations import permissions, serializers, services
from evaluations.forms import CommentForm, ElementForm, ExclusionForm, FollowUpForm, MeetingForm
from evaluations.models import Consultation, Document, Element, Evaluation, Meeting, Publication, StateComment
from evaluations.presenters.consultations import comment_areas
from evaluations.presenters.elements import element_title
from evaluations.queries.consent import shown_reports
from evaluations.queries.elements import is_new_key, merge_targets
from evaluations.queries.preflight import preflight as look_ahead
from evaluations.queries.translations import InLanguage, Last, element_in_languages, last_translations
from workplan.querysets import own_states

NO_EVALUATION = UUID(int=0)  # while the description is made, no address has been asked for
FIRST = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="* where nothing is written yet.")
CONDITIONS = [IF_MATCH, FIRST]


class EvaluationsView(ListModelMixin, PublicView):
    """Published evaluations with their documents, the newest first."""

    serializer_class = serializers.PublicationSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Publication]":
        rows = Publication.objects.visible_to(self.request.user).for_list()
        frozen = rows.annotate(rounds=KeyTransform("rounds", "snapshot__content"))
        return frozen.prefetch_related("snapshot__documents")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "shown": shown_reports()}

    @extend_schema(operation_id="evaluations")
    def get(self, request: Request) -> Response:
        return self.list(request)


class OneConsultationView(KeyView):
    """What concerns consultations."""

    serializer_class: Any = serializers.ConsultationSerializer

    def get_queryset(self) -> "QuerySet[Consultation]":
        return Consultation.objects.visible_to(self.request.user).with_page_data()


class ConsultationsView(ListModelMixin, OneConsultationView):
    """Consultations of States on their part of an evaluation, the newest first."""

    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Consultation]":
        return Consultation.objects.visible_to(self.request.user).for_list()

    @extend_schema(operation_id="consultations")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class EvaluationDraftsView(ListModelMixin, KeyView):
    """Evaluations for those who prepare or read them before publication, the newest first."""

    serializer_class = serializers.EvaluationSerializer
    ordering = "-pk"

    def get_queryset(self) -> "QuerySet[Evaluation]":
        rows = Evaluation.objects.visible_to(self.request.user).for_list()
        return rows.prefetch_related("releases", "further_rounds")

    @extend_schema(operation_id="evaluation_drafts")
    def get(self, request: KeyRequest) -> Response:
        return self.list(request)


class ConsultedPartView(OneConsultationView):
    """One State's own part of an evaluation, and what it said of it."""

    serializer_class: Any = serializers.ConsultedPartSerializer

    @extend_schema(operation_id="consulted_part")
    def get(self, request: KeyRequest, public_id: Any, iso2: str) -> Response:
        return self._told(*self._part(public_id, iso2))

    @extend_schema(
        operation_id="comment",
        parameters=[IF_MATCH],
        request=serializers.CommentsSerializer,
        responses=serializers.ConsultedPartSerializer,
    )
    def put(self, request: KeyRequest, public_id: Any, iso2: str) -> Response:
        """Say what the State says, area by area."""
        consultation, state = self._part(public_id, iso2)
        if not permissions.can_comment(request.user, state):
            raise NotAllowed("The coordinator or whoever approves the report comments for the State.")
        said = self._said(consultation, state)
        seen = self.version_read(said.count())
        form = self._form(consultation, said, seen)
        services.save_comments(
            consultation=consultation, state=state, texts=form.texts, language=form.cleaned_data["language"],
            seen=seen, actor=request.user,
        )  # fmt: skip
        return self._told(consultation, state)

    def _part(self, public_id: Any, iso2: str) -> tuple[Consultation, State]:
        """404 for another State's part, as for one that does not exist."""
        user = self.request.user
        consultation = get_object_or_404(self.get_queryset(), public_id=public_id)
        states = State.objects.visible_to(user)
        if not permissions.can_read(user):
            states = states.filter(pk__in=own_states(user))
        state = get_object_or_404(states, iso2=iso2.upper())
        if state.iso2 not in consultation.asked:
            raise Http404
        return consultation, state

    def _said(self, consultation: Consultation, state: State) -> Any:
        return StateComment.objects.visible_to(self.request.user).of(consultation).filter(state=state)

    def _form(self, consultation: Consultation, said: Any, seen: int) -> CommentForm:
        """By the form of the page, with what stands where nothing is said."""
        self.serializer_class = serializers.CommentsSerializer
        sent, areas = self.read(), comment_areas(consultation.snapshot.content)
        words = {code or serializers.WHOLE: code for code, _title in areas}
        if unknown := sorted(set(sent["texts"]) - set(words)):
            raise ValidationError({"texts": {code: ["There is no such area."] for code in unknown}})
        texts = {row.area: row.text for row in said.last_versions()}
        texts |= {words[name]: text for name, text in sent["texts"].items()}
        data = {"seen": seen, "language": sent["language"], **{f"text_{code}": text for code, text in texts.items()}}
        return filled(lambda typed: CommentForm(typed, areas=areas), data)

    def _told(self, consultation: Consultation, state: State) -> Response:
        self.serializer_class = serializers.ConsultedPartSerializer
        said = self._said(consultation, state)
        row = serializers.consulted_part(consultation, state, said.last_versions())
        return self.shown(row, etag=str(said.count()))


class EvaluationDocumentsView(ListModelMixin, KeyView):
    """The documents of the last build. Before publication their files are taken on the pages, which ask for the
    second factor; afterwards anybody reads them."""

    serializer_class: Any = serializers.DraftDocumentSerializer
    ordering = ("language", "format")

    def get_queryset(self) -> "QuerySet[Document]":
        rows = Document.objects.visible_to(self.request.user).current()
        return rows.filter(snapshot__evaluation__public_id=self.kwargs.get("public_id", NO_EVALUATION))

    @extend_schema(operation_id="evaluation_documents")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        self._evaluation(public_id)
        return self.list(request)

    @extend_schema(operation_id="evaluation_build", request=None, responses={202: None})
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        """Have them made anew: 202 with the job."""
        job = services.request_build(evaluation=self._evaluation(public_id), actor=request.user)
        return Response(status=202, headers={"Location": reverse("api_job", args=[job.public_id])})

    def _evaluation(self, public_id: Any) -> Evaluation:
        return get_object_or_404(Evaluation.objects.visible_to(self.request.user), public_id=public_id)


class BuildAgainView(KeyView):
    """A build that was given up."""

    @extend_schema(operation_id="evaluation_build_again", request=None, responses={202: None})
    def post(self, request: KeyRequest, public_id: Any) -> Response:
        """Go on with the last one, with the data that it froze: 202 with the job."""
        evaluation = get_object_or_404(Evaluation.objects.visible_to(request.user), public_id=public_id)
        job = services.build_again(evaluation=evaluation, actor=request.user)
        return Response(status=202, headers={"Location": reverse("api_job", args=[job.public_id])})


# --- before a build -------------------------------------------------------------------------------


class OneDraftView(KeyView):
    """What concerns an evaluation before it is published. For whoever may not read it, it does not exist."""

    def evaluation(self) -> Evaluation:
        evaluations = Evaluation.objects.visible_to(self.request.user).with_page_data()
        return get_object_or_404(evaluations, public_id=self.kwargs["public_id"])

    def prepared(self) -> Evaluation:
        evaluation = self.evaluation()
        if not permissions.can_prepare(self.request.user):
            raise NotAllowed("Only the Secretariat prepares evaluations.")
        return evaluation

    def asked(self, evaluation: Evaluation) -> State:
        """A State that was asked to report in the period."""
        asked = State.objects.visible_to(self.request.user).filter(reports__round=evaluation.round)
        return get_object_or_404(asked, iso2=self.kwargs["iso2"].upper())


class PreflightView(OneDraftView):
    """Who is missing and what is open, before the documents are made."""

    serializer_class: Any = serializers.PreflightSerializer

    @extend_schema(operation_id="preflight")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        found = look_ahead(self.evaluation())
        return self.shown(found if permissions.can_prepare(self.request.user) else replace(found, told_less=None))


class ExclusionView(OneDraftView):
    """A State that is left out."""

    serializer_class: Any = serializers.LeftOutSerializer

    @extend_schema(operation_id="state_exclude")
    def put(self, request: KeyRequest, public_id: Any, iso2: str) -> Response:
        """Leave a State out that has no accepted report, with a reason."""
        evaluation = self.prepared()
        state, form = self.asked(evaluation), filled(ExclusionForm, self.read())
        made = services.exclude_state(evaluation=evaluation, state=state, actor=request.user, **form.cleaned_data)
        return self.shown(made, location=reverse("api_preflight", args=[public_id]))

    @extend_schema(operation_id="state_include", responses={204: None})
    def delete(self, request: KeyRequest, public_id: Any, iso2: str) -> Response:
        """Take it back."""
        evaluation = self.prepared()
        services.include_state(evaluation=evaluation, state=self.asked(evaluation), actor=request.user)
        return Response(status=204)


class StateReminderView(OneDraftView):
    """Tell whoever works on a State's report that it is awaited; once a day."""

    serializer_class: Any = serializers.ToldSerializer

    @extend_schema(operation_id="state_remind", request=None)
    def post(self, request: KeyRequest, public_id: Any, iso2: str) -> Response:
        evaluation = self.prepared()
        told = services.remind_state(evaluation=evaluation, state=self.asked(evaluation), actor=request.user)
        return self.shown({"told": told}, location=reverse("api_preflight", args=[public_id]))


class ElementTextsView(OneDraftView):
    """What tells elements with what there is of them in other languages."""

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "in_languages": self._in_languages}

    def _in_languages(self, element: Element) -> list[InLanguage]:
        return element_in_languages(element, *self._translations)

    @cached_property
    def _translations(self) -> tuple[list[str], Last]:
        """Of all elements, asked for once."""
        evaluation = self.evaluation()
        return evaluation.languages, last_translations(evaluation, key__startswith="element:")


class OneElementView(ElementTextsView):
    """What concerns the elements of a second Work Plan."""

    serializer_class: Any = serializers.ElementSerializer

    def get_queryset(self) -> "QuerySet[Element]":
        rows = Element.objects.visible_to(self.request.user)
        of_this = rows.filter(evaluation__public_id=self.kwargs.get("public_id", NO_EVALUATION))
        return of_this.filter(pk__in=of_this.last_versions().values("pk"))


class ElementsView(ListModelMixin, OneElementView):
    """What the Secretariat suggests for a second Work Plan, activity by activity."""

    ordering = "key"

    @extend_schema(operation_id="elements")
    def get(self, request: KeyRequest, public_id: Any) -> Response:
        self.evaluation()
        return self.list(request)


class ElementView(OneElementView):
    """One of them."""

    @extend_schema(operation_id="element")
    def get(self, request: KeyRequest, public_id: Any, code: str) -> Response:
        self.evaluation()
        element = get_object_or_404(self.get_queryset(), key=code)
        return self.shown(element, etag=str(element.number))

    @extend_schema(operation_id="element_withdraw", parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: KeyRequest, public_id: Any, code: str) -> Response:
        """Take back what was entered as new by mistake; it can be brought back."""
        evaluation, last = self.prepared(), get_object_or_404(self.get_queryset(), key=code)
        seen = self.version_read(last.number)
        services.withdraw_element(evaluation=evaluation, key=code, seen=seen, actor=request.user)
        return Response(status=204)

    @extend_schema(
        operation_id="element_write",
        parameters=CONDITIONS,
        request=serializers.ElementDraftSerializer,
        responses=serializers.ElementSerializer,
    )
    def put(self, request: KeyRequest, public_id: Any, code: str) -> Response:
        """Add a version, as a draft or as the text that documents print."""
        evaluation = self.prepared()
        if element_title(evaluation, code) is None:
            raise Http404
        seen = self._seen(self.get_queryset().filter(key=code).first())
        self.serializer_class = serializers.ElementDraftSerializer
        sent = self.read()
        is_draft, targets = sent.pop("is_draft"), merge_targets(evaluation, code)
        form = filled(partial(ElementForm, is_new=is_new_key(code), targets=targets), {**sent, "seen": seen})
        made = services.save_element(
            evaluation=evaluation, key=code, is_draft=is_draft, actor=request.user, **form.cleaned_data
        )
        self.serializer_class = serializers.ElementSerializer
        return self.shown(made, etag=str(made.number), location=reverse("api_element", args=[public_id, code]))

    def _seen(self, last: Element | None) -> int:
        """The version that was read; where there is none, that too is said."""
        if last is None and not self.is_first():
            raise Precondition("Nothing is suggested here yet. Say that yours is the first: If-None-Match: *")
        if last is not None and self.is_first():
            raise StaleVersion("Something is suggested here. Read it first.")
        return self.version_read(last.number) if last else 0


class ElementBringBackView(OneElementView):
    """An element that was withdrawn."""

    @extend_schema(
        operation_id="element_bring_back",
        parameters=[IF_MATCH],
        request=None,
        responses={201: serializers.ElementSerializer},
    )
    def post(self, request: KeyRequest, public_id: Any, code: str) -> Response:
        """Have it stand again as it did before."""
        evaluation, last = self.prepared(), get_object_or_404(self.get_queryset(), key=code)
        seen = self.version_read(last.number)
        made = services.bring_back_element(evaluation=evaluation, key=code, seen=seen, actor=request.user)
        location = reverse("api_element", args=[public_id, code])
        return self.shown(made, code=201, etag=str(made.number), location=location)


class OneElementVersionsView(ElementTextsView):
    """What concerns all versions of an element."""

    serializer_class: Any = serializers.ElementSerializer

    def get_queryset(self) -> "QuerySet[Element]":
        rows = Element.objects.visible_to(self.request.user)
        of_this = rows.filter(evaluation__public_id=self.kwargs.get("public_id", NO_EVALUATION))
        return of_this.filter(key=self.kwargs.get("code", ""))

    def found(self, number: int) -> Element:
        return get_object_or_404(self.get_queryset(), number=number)


class ElementVersionsView(ListModelMixin, OneElementVersionsView):
    """All that was saved of an element, the newest first."""

    ordering = "-number"

    @extend_schema(operation_id="element_versions")
    def get(self, request: KeyRequest, public_id: Any, code: str) -> Response:
        self.evaluation()
        return self.list(request)


class ElementVersionView(OneElementVersionsView):
    """One version of an element."""

    @extend_schema(operation_id="element_version")
    def get(self, request: KeyRequest, public_id: Any, code: str, number: int) -> Response:
        self.evaluation()
        return self.shown(self.found(number))


class ElementRestoreView(OneElementVersionsView):
    """An earlier version of an element."""

    @extend_schema(
        operation_id="element_restore",
        parameters=[IF_MATCH],
        request=None,
        responses={201: serializers.ElementSerializer},
    )
    def post(self, request: KeyRequest, public_id: Any, code: str, number: int) -> Response:
        """Say again what it said, as a new version. If-Match names the last version, which was read."""
        evaluation, earlier = self.prepared(), self.found(number)
        last = self.get_queryset().latest("number")
        seen = self.version_read(last.number)
        made = services.restore_element(
            evaluation=evaluation, key=code, number=earlier.number, seen=seen, actor=request.user
        )
        location = reverse("api_element_version", args=[public_id, code, made.number])
        return self.shown(made, code=201, etag=str(made.number), location=location)


# --- the register of Meetings ---------------------------------------------------------------------


class MeetingsView(ListModelMixin, PublicView):
    """The Meetings of National Authorities, with what they concluded."""

    serializer_class = serializers.MeetingSerializer
    ordering = "number"

    def get_queryset(self) -> "QuerySet[Meeting]":
        return Meeting.objects.visible_to(self.request.user).with_page_data()

    @extend_schema(operation_id="meetings")
    def get(self, request: Request) -> Response:
        return self.list(request)


class MeetingView(PublicView):
    """One Meeting."""

    serializer_class = serializers.MeetingSerializer

    @extend_schema(operation_id="meeting")
    def get(self, request: Request, number: int) -> Response:
        return self.shown(get_object_or_404(Meeting.objects.visible_to(request.user).with_page_data(), number=number))


class OneMeetingView(KeyView):
    """What the Secretariat keeps of a Meeting."""

    serializer_class: Any = serializers.MeetingFactsSerializer

    def refuse_others(self) -> None:
        if not permissions.can_prepare(self.request.user):
            raise NotAllowed("Only the Secretariat keeps the register of the Meetings.")

    def found(self, number: int) -> Meeting:
        return get_object_or_404(Meeting.objects.visible_to(self.request.user).with_page_data(), number=number)

    def keep(self, meeting: Meeting, seen: str, code: int) -> Response:
        form = filled(lambda data: MeetingForm(data, instance=meeting), {**self.read(), "seen": seen})
        kept = form.save(commit=False)
        services.keep_record(record=kept, seen=seen, actor=self.request.user)
        return self.told(kept.number, code)

    def told(self, number: int, code: int = 200) -> Response:
        self.serializer_class = serializers.MeetingSerializer
        row = self.found(number)
        location = "" if self.request.method == "GET" else reverse("api_meeting", args=[number])
        return self.shown(row, code=code, etag=fingerprint(row), location=location)


class RegisterView(OneMeetingView):
    """Add a Meeting to the register."""

    @extend_schema(operation_id="meeting_register", responses={201: serializers.MeetingSerializer})
    def post(self, request: KeyRequest) -> Response:
        self.refuse_others()
        return self.keep(Meeting(), "", 201)


class RegisteredView(OneMeetingView):
    """A Meeting, for whoever corrects it."""

    @extend_schema(operation_id="registered_meeting", responses=serializers.MeetingSerializer)
    def get(self, request: KeyRequest, number: int) -> Response:
        """As everybody reads it, with the version of its facts."""
        return self.told(number)

    @extend_schema(operation_id="meeting_correct", parameters=[IF_MATCH], responses=serializers.MeetingSerializer)
    def put(self, request: KeyRequest, number: int) -> Response:
        """Write its facts anew, whose version was read."""
        meeting = self.found(number)
        self.refuse_others()
        return self.keep(meeting, self.version_read(fingerprint(meeting)), 200)


class FollowUpsView(OneMeetingView):
    """Say what became of a conclusion."""

    serializer_class: Any = serializers.ConclusionFollowUpSerializer

    @extend_schema(operation_id="conclusion_follow_up", responses={201: serializers.MeetingSerializer})
    def post(self, request: KeyRequest, number: int, conclusion: str) -> Response:
        meeting = self.found(number)
        self.refuse_others()
        of = get_object_or_404(meeting.conclusions.exclude(responsible=""), number=conclusion)
        services.follow_up(conclusion=of, actor=request.user, **filled(FollowUpForm, self.read()).cleaned_data)
        return self.told(number, 201)


urlpatterns = [
    path("evaluations/", endpoint(EvaluationsView), name="api_evaluations"),
    path("consultations/", endpoint(ConsultationsView), name="api_consultations"),
    path("consultations/<uuid:public_id>/<slug:iso2>/", endpoint(ConsultedPartView), name="api_consulted_part"),
    path("evaluation-drafts/", endpoint(EvaluationDraftsView), name="api_evaluation_drafts"),
    path(
        "evaluation-drafts/<uuid:public_id>/documents/",
        endpoint(EvaluationDocumentsView),
        name="api_evaluation_documents",
    ),
    path(
        "evaluation-drafts/<uuid:public_id>/documents/again/",
        endpoint(BuildAgainView),
        name="api_evaluation_build_again",
    ),
    path("evaluation-drafts/<uuid:public_id>/preflight/", endpoint(PreflightView), name="api_preflight"),
    path(
        "evaluation-drafts/<uuid:public_id>/exclusions/<slug:iso2>/",
        endpoint(ExclusionView),
        name="api_exclusion",
    ),
    path(
        "evaluation-drafts/<uuid:public_id>/reminders/<slug:iso2>/",
        endpoint(StateReminderView),
        name="api_state_reminder",
    ),
    path("evaluation-drafts/<uuid:public_id>/elements/", endpoint(ElementsView), name="api_elements"),
    path("evaluation-drafts/<uuid:public_id>/elements/<slug:code>/", endpoint(ElementView), name="api_element"),
    path(
        "evaluation-drafts/<uuid:public_id>/elements/<slug:code>/bring-back/",
        endpoint(ElementBringBackView),
        name="api_element_bring_back",
    ),
    path(
        "evaluation-drafts/<uuid:public_id>/elements/<slug:code>/versions/",
        endpoint(ElementVersionsView),
        name="api_element_versions",
    ),
    path(
        "evaluation-drafts/<uuid:public_id>/elements/<slug:code>/versions/<int:number>/",
        endpoint(ElementVersionView),
        name="api_element_version",
    ),
    path(
        "evaluation-drafts/<uuid:public_id>/elements/<slug:code>/versions/<int:number>/restore/",
        endpoint(ElementRestoreView),
        name="api_element_restore",
    ),
    path("meeting-register/", endpoint(RegisterView), name="api_register"),
    path("meeting-register/<int:number>/", endpoint(RegisteredView), name="api_registered"),
    path(
        "meeting-register/<int:number>/conclusions/<slug:conclusion>/follow-ups/",
        endpoint(FollowUpsView),
        name="api_follow_ups",
    ),
    path("meetings/", endpoint(MeetingsView), name="api_meetings"),
    path("meetings/<int:number>/", endpoint(MeetingView), name="api_meeting"),
]
