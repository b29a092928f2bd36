"""What the API reads of published evaluations, and of a State's own part before they are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.enums import Language
from accounts.models import State
from core.i18n import SUFFIXES
from evaluations.enums import FollowUpStatus, Suggestion, TranslationStatus
from evaluations.models import (
    Conclusion,
    Consultation,
    Document,
    Element,
    Evaluation,
    Exclusion,
    FollowUp,
    Meeting,
    Publication,
    StateComment,
)
from evaluations.queries.consent import withheld_in
from evaluations.queries.figures import Quote
from evaluations.queries.preflight import Awaited, Preflight
from evaluations.queries.preview import OwnArea, own_part, own_standing
from evaluations.queries.translations import (
    WHOLE,
    InLanguage,
    frozen_in_languages,
    quote_key,
    reviewed_comments,
)


class DocumentSerializer(serializers.Serializer[Any]):
    language = serializers.CharField()
    format = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    url = serializers.CharField()


class PublicationSerializer(serializers.Serializer[Publication]):
    id = serializers.UUIDField(source="evaluation.public_id")
    symbol = serializers.CharField(source="evaluation.symbol")
    round = serializers.CharField(source="evaluation.round.code")
    published_at = serializers.DateTimeField()
    content_hash = serializers.CharField(source="snapshot.content_hash", help_text="Of the data it was made of.")
    documents = serializers.SerializerMethodField(
        help_text="None while a State has not made public a report that they hold."
    )

    @extend_schema_field(DocumentSerializer(many=True))
    def get_documents(self, publication: Publication) -> list[dict[str, Any]]:
        """None while a State withholds a report that they hold: their files are for the Meeting."""
        if withheld_in(publication.rounds, self.context["shown"]):  # type: ignore[attr-defined]
            return []
        public_id = publication.evaluation.public_id
        return [self._file(public_id, document) for document in publication.snapshot.documents.all()]

    def _file(self, public_id: UUID, document: Document) -> dict[str, Any]:
        names = ("language", "format", "size", "sha256")
        url = reverse("publication_file", args=[public_id, document.language, document.format])
        return {**{name: getattr(document, name) for name in names}, "url": url}


# --- consultations --------------------------------------------------------------------------------


class ConsultationSerializer(serializers.Serializer[Consultation]):
    id = serializers.UUIDField(source="public_id")
    evaluation = serializers.CharField(source="evaluation.symbol")
    round = serializers.CharField(source="evaluation.round.code")
    opened_at = serializers.DateTimeField()
    closes_on = serializers.DateField(help_text="The last day for comments.")
    is_open = serializers.BooleanField()


class OwnAnswerSerializer(serializers.Serializer[Any]):
    activity = serializers.CharField()
    own = serializers.CharField(help_text="As the State rated itself.")
    rating = serializers.CharField(help_text="As it was rated in the review.")
    before = serializers.CharField(allow_null=True, help_text="The rating of the period compared with.")


class InLanguageSerializer(serializers.Serializer[InLanguage]):
    """How a text stands in a language that is not its own."""

    language = serializers.CharField()
    status = serializers.ChoiceField(choices=TranslationStatus.choices)
    text = serializers.CharField(allow_null=True, help_text="Null unless it was reviewed, and of this very wording.")


class QuotationSerializer(serializers.Serializer[Any]):
    activity = serializers.CharField()
    text = serializers.CharField()
    language = serializers.CharField()
    translations = InLanguageSerializer(many=True)


class CommentSerializer(serializers.Serializer[Any]):
    area = serializers.CharField(help_text=f"Code of the area, or {WHOLE}.")
    number = serializers.IntegerField()
    text = serializers.CharField(allow_blank=True)
    language = serializers.CharField()
    at = serializers.DateTimeField()
    translations = InLanguageSerializer(many=True)


class OwnAreaSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    answers = OwnAnswerSerializer(many=True)
    quotes = QuotationSerializer(many=True, help_text="Of the State's own words.")
    good_practice = QuotationSerializer(many=True, help_text="What the State described as one, in its own words.")


class ConsultedPartSerializer(serializers.Serializer[Any]):
    """What an evaluation says of one State, and what the State said of it."""

    state = serializers.CharField()
    standing = serializers.CharField(help_text="Where its report stood when the data were frozen.")
    is_open = serializers.BooleanField()
    areas = OwnAreaSerializer(many=True)
    comments = CommentSerializer(many=True, help_text="The last of each area.")


class CommentsSerializer(serializers.Serializer[Any]):
    """The documents print them word for word."""

    language = serializers.ChoiceField(choices=Language.choices)
    texts = serializers.DictField(
        child=serializers.CharField(max_length=6000, allow_blank=True),
        help_text=f"By code of the area, or {WHOLE}. What is left out stays; a blank takes back what was said.",
    )


def consulted_part(consultation: Consultation, state: State, said: Iterable[StateComment]) -> dict[str, Any]:
    content = consultation.snapshot.content
    return {
        "state": state.iso2,
        "standing": own_standing(content, state.iso2),
        "is_open": consultation.is_open,
        "areas": [_area(part, consultation) for part in own_part(content, state.iso2)],
        "comments": _comments(list(said), consultation.evaluation),
    }


def _comments(said: Sequence[StateComment], evaluation: Evaluation) -> list[dict[str, Any]]:
    names = ("number", "text", "language", "at")
    texts = reviewed_comments(said, evaluation)
    return [
        {
            "area": row.area or WHOLE,
            **{name: getattr(row, name) for name in names},
            "translations": _frozen(row.language, evaluation, row.area, texts) if row.text else [],
        }
        for row in said
    ]


def _frozen(
    language: str, evaluation: Evaluation, key: str, texts: Mapping[str, Mapping[str, str]]
) -> list[InLanguage]:
    known = {code: found[key] for code, found in texts.items() if key in found}
    return frozen_in_languages(language, evaluation.languages, known)


def _quote(quote: Quote, consultation: Consultation) -> dict[str, Any]:
    texts = consultation.snapshot.content.get("translations", {})  # frozen before there was a desk: none
    translations = _frozen(quote.language, consultation.evaluation, quote_key(quote), texts)
    about = {"activity": quote.activity, "text": quote.text, "language": quote.language}
    return {**about, "translations": translations}


def _area(part: OwnArea, consultation: Consultation) -> dict[str, Any]:
    answers = [
        {
            "activity": own.activity,
            "own": own.now.own,
            "rating": own.now.rating,
            "before": own.before.rating if own.before else None,
        }
        for own in part.answers
    ]
    said = {"quotes": part.quotes, "good_practice": part.practice}
    quoted = {name: [_quote(quote, consultation) for quote in found] for name, found in said.items()}
    return {"code": part.code, "answers": answers, **quoted}


class EvaluationSerializer(serializers.Serializer[Evaluation]):
    id = serializers.UUIDField(source="public_id")
    symbol = serializers.CharField()
    round = serializers.CharField(source="round.code")
    compared_round = serializers.CharField(source="compared_round.code", allow_null=True, default=None)
    further_rounds = serializers.SerializerMethodField(help_text="Earlier periods, each looked at by itself.")
    meeting = serializers.IntegerField(source="meeting.number", allow_null=True, default=None)
    catalogue = serializers.CharField(source="round.catalogue.sha256", help_text="Fingerprint of its activities.")
    states = serializers.ListField(child=serializers.CharField(), help_text="The States covered.")
    releases = serializers.SerializerMethodField(help_text="Numbers of the releases of statistics that are used.")
    content_hash = serializers.CharField(
        source="snapshot.content_hash", allow_null=True, default=None, help_text="Of the data of the last build."
    )

    def get_further_rounds(self, evaluation: Evaluation) -> list[str]:
        return [round_.code for round_ in sorted(evaluation.further_rounds.all(), key=lambda each: each.period_start)]

    def get_releases(self, evaluation: Evaluation) -> list[int]:
        return sorted(release.number for release in evaluation.releases.all())


class DraftDocumentSerializer(serializers.Serializer[Document]):
    language = serializers.CharField()
    format = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class LeftOutSerializer(serializers.Serializer[Exclusion]):
    """Why a State is left out; the documents print it as it is written."""

    reason = serializers.CharField(max_length=300)
    language = serializers.ChoiceField(choices=Language.choices)


class AwaitedSerializer(serializers.Serializer[Awaited]):
    """A State whose report is not accepted."""

    state = serializers.CharField(source="report.state.iso2")
    standing = serializers.CharField()
    due_on = serializers.DateField()
    is_late = serializers.BooleanField()
    reminded_on = serializers.DateField(allow_null=True)
    open_questions = serializers.IntegerField()
    left_out = LeftOutSerializer(source="exclusion", allow_null=True)


class OvertakenSerializer(serializers.Serializer[Exclusion]):
    """A State that was left out and whose report was accepted since: its answers count."""

    state = serializers.CharField(source="state.iso2")
    reason = serializers.CharField()
    language = serializers.CharField()


class UnsettledSerializer(serializers.Serializer[Any]):
    """A State with questions that are not settled."""

    state = serializers.CharField(source="state.iso2")
    open_questions = serializers.IntegerField()


class ToldLessSerializer(serializers.Serializer[Any]):
    """A table of one year in which the disclosure rule changes figures."""

    release = serializers.IntegerField()
    year = serializers.IntegerField()
    measure = serializers.CharField()
    table = serializers.CharField()


class PreflightSerializer(serializers.Serializer[Preflight]):
    """What the documents would be made of today."""

    total = serializers.IntegerField(help_text="States that take part.")
    accepted = serializers.IntegerField()
    excluded = serializers.IntegerField()
    late = serializers.IntegerField()
    open_questions = serializers.IntegerField()
    asked = UnsettledSerializer(many=True)
    told_less = ToldLessSerializer(
        many=True, allow_null=True, help_text="For the Secretariat; null for others, and where nothing is published."
    )
    unreviewed = serializers.DictField(
        child=serializers.IntegerField(), help_text="Translations missing or not reviewed, by language."
    )
    awaited = AwaitedSerializer(many=True)
    overtaken = OvertakenSerializer(many=True, help_text="Exclusions without effect: the report was accepted since.")


class ToldSerializer(serializers.Serializer[Any]):
    told = serializers.IntegerField(help_text="People. Whoever was told today already is not told again.")


class ElementSerializer(serializers.Serializer[Element]):
    """What the Secretariat suggests for an activity in a second Work Plan: one version."""

    key = serializers.CharField(help_text="Code of the activity; N1, N2 and so on for what would be new.")
    number = serializers.IntegerField(help_text="Of the version.")
    suggestion = serializers.CharField()
    merge_into = serializers.CharField(
        allow_blank=True, help_text="Of a merge, the key of what stays; blank in merges saved before it was asked."
    )
    text = serializers.CharField(allow_blank=True)
    language = serializers.CharField()
    is_draft = serializers.BooleanField(help_text="Documents print the last version that is none.")
    is_withdrawn = serializers.BooleanField(help_text="What was new and entered by mistake: no document prints it.")
    restored_from = serializers.IntegerField(allow_null=True, help_text="The number of the version that it repeats.")
    at = serializers.DateTimeField()
    translations = serializers.SerializerMethodField(help_text="Of this wording, as at the desk of translations.")

    @extend_schema_field(InLanguageSerializer(many=True))
    def get_translations(self, row: Element) -> list[dict[str, Any]]:
        return list(InLanguageSerializer(self.context["in_languages"](row), many=True).data)


class ElementDraftSerializer(serializers.Serializer[Any]):
    suggestion = serializers.ChoiceField(choices=Suggestion.choices)
    merge_into = serializers.CharField(
        max_length=12,
        required=False,
        allow_blank=True,
        help_text="Of a merge alone: the key of what stays.",
    )
    text = serializers.CharField(
        max_length=6000, required=False, allow_blank=True, help_text="Needed unless the activity is kept as it is."
    )
    language = serializers.ChoiceField(choices=Language.choices)
    is_draft = serializers.BooleanField(required=False, default=True)


# --- the register of Meetings ---------------------------------------------------------------------


class FourLanguagesSerializer(serializers.Serializer[Any]):
    es = serializers.CharField()
    en = serializers.CharField()
    fr = serializers.CharField()
    pt_br = serializers.CharField()


def _texts(row: Any, base: str) -> dict[str, str]:
    return {suffix: getattr(row, f"{base}_{suffix}") for suffix in SUFFIXES.values()}


class ToldFollowUpSerializer(serializers.Serializer[FollowUp]):
    """What was said of a conclusion on one day."""

    status = serializers.CharField()
    text = serializers.CharField()
    language = serializers.CharField()
    who = serializers.CharField(help_text="Who acts, where it is narrower than the party responsible.")
    due_on = serializers.DateField(allow_null=True)
    at = serializers.DateTimeField()


class ConclusionSerializer(serializers.Serializer[Conclusion]):
    """A point that a Meeting agreed on, in the portal's words, and what became of it."""

    number = serializers.CharField()
    meanings = serializers.SerializerMethodField()
    responsible = serializers.CharField()
    activities = serializers.ListField(
        child=serializers.CharField(), help_text="Codes of those that carry it out; each is read at activities/CODE/."
    )
    due_on = serializers.DateField(allow_null=True)
    source = serializers.CharField(help_text="As it is recorded, in its own language.")  # type: ignore[assignment]
    follow_ups = ToldFollowUpSerializer(many=True, help_text="The last first: it says how the conclusion stands.")

    @extend_schema_field(FourLanguagesSerializer)
    def get_meanings(self, row: Conclusion) -> dict[str, str]:
        return _texts(row, "meaning")


class PaperOfMeetingSerializer(serializers.Serializer[Any]):
    symbol = serializers.CharField(source="reference")
    title = serializers.CharField()
    title_language = serializers.CharField()
    dated_on = serializers.DateField(allow_null=True)


class MeetingTitlesSerializer(serializers.Serializer[Any]):
    es = serializers.CharField(source="title_es", max_length=200)
    en = serializers.CharField(source="title_en", max_length=200)
    fr = serializers.CharField(source="title_fr", max_length=200)
    pt_br = serializers.CharField(source="title_pt_br", max_length=200)


class MeetingPlacesSerializer(serializers.Serializer[Any]):
    es = serializers.CharField(source="place_es", max_length=120)
    en = serializers.CharField(source="place_en", max_length=120)
    fr = serializers.CharField(source="place_fr", max_length=120)
    pt_br = serializers.CharField(source="place_pt_br", max_length=120)


class MeetingFactsSerializer(serializers.Serializer[Any]):
    """What the Secretariat keeps of a Meeting."""

    number = serializers.IntegerField(min_value=0, max_value=32767)
    titles = MeetingTitlesSerializer(source="*")
    places = MeetingPlacesSerializer(source="*")
    host = serializers.CharField(min_length=2, max_length=2, required=False, allow_null=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    series = serializers.CharField(max_length=40, required=False, allow_blank=True)


class ConclusionFollowUpSerializer(serializers.Serializer[Any]):
    """What became of a conclusion. Everybody can read it; what was said before stays beside it."""

    status = serializers.ChoiceField(choices=FollowUpStatus.choices)
    text = serializers.CharField(max_length=4000)
    language = serializers.ChoiceField(choices=Language.choices)
    who = serializers.CharField(max_length=200, required=False, allow_blank=True)
    due_on = serializers.DateField(required=False, allow_null=True)


class MeetingSerializer(serializers.Serializer[Meeting]):
    number = serializers.IntegerField()
    titles = serializers.SerializerMethodField()
    places = serializers.SerializerMethodField()
    host = serializers.CharField(source="host.iso2", allow_null=True, default=None)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    series = serializers.CharField()
    papers = PaperOfMeetingSerializer(many=True)
    conclusions = ConclusionSerializer(many=True)

    @extend_schema_field(FourLanguagesSerializer)
    def get_titles(self, row: Meeting) -> dict[str, str]:
        return _texts(row, "title")

    @extend_schema_field(FourLanguagesSerializer)
    def get_places(self, row: Meeting) -> dict[str, str]:
        return _texts(row, "place")
