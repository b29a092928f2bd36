"""What the API tells of the figures, and of longer pieces of work."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.jobs import KINDS
from core.models import Job, JobFile
from evaluations.queries.figures import Row
from oas_trafficking.delivery import EXPORTS
from oas_trafficking.presenters.dashboard import group_counts
from oas_trafficking.queries.dashboard import Overview
from workplan.models import Notification, Report
from workplan.presenters import told_words


class RemindedSerializer(serializers.Serializer[Any]):
    reminded = serializers.IntegerField(help_text="States that were told. Those told today already are not counted.")


class BriefJobSerializer(serializers.Serializer[Job]):
    id = serializers.UUIDField(source="public_id")
    kind = serializers.CharField()
    state = serializers.CharField()
    stage = serializers.CharField()
    percent = serializers.IntegerField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    error = serializers.CharField(source="error_code")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class JobSerializer(BriefJobSerializer):
    result = serializers.SerializerMethodField(help_text="Where what it made is read; empty until there is something.")

    @extend_schema_field(str)
    def get_result(self, job: Job) -> str:
        kind = KINDS.get(job.kind)
        is_made = kind is not None and job.state == Job.State.DONE
        return kind.result(job, self.context["request"].user) if kind and is_made else ""


def result_of_export(job: Job, user: Any) -> str:
    made = JobFile.objects.visible_to(user).filter(job=job).exists()
    return reverse("api_job_file", args=[job.public_id]) if made else ""


class PeriodsSerializer(serializers.Serializer[Any]):
    """As on the page: what is left out, or unknown, is the latest period and the one before."""

    period = serializers.CharField(required=False, default="", allow_blank=True, max_length=10)
    compare = serializers.CharField(required=False, default="", allow_blank=True, max_length=10)
    format = serializers.ChoiceField(sorted(EXPORTS))


class NotificationSerializer(serializers.Serializer[Notification]):
    """A date that nears, is over, or was moved."""

    kind = serializers.CharField()
    report = serializers.CharField(source="report.reference")
    due_on = serializers.DateField()
    days_from_due = serializers.IntegerField(source="offset")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    text = serializers.SerializerMethodField(help_text="As on the page, in the language asked for.")

    def get_text(self, row: Notification) -> str:
        return told_words(row)


# --- figures --------------------------------------------------------------------------------------


class FiguresSerializer(serializers.Serializer[Row]):
    """Answers by group. Points are the change of the share of advanced answers since the period compared with."""

    full = serializers.IntegerField()
    under_way = serializers.IntegerField()
    not_started = serializers.IntegerField()
    no_information = serializers.IntegerField()
    not_applicable = serializers.IntegerField()
    advanced = serializers.IntegerField(help_text="Full or substantial.")
    counted = serializers.IntegerField(help_text="The denominator: answers on the five steps of the scale.")
    points = serializers.IntegerField(allow_null=True)


class AreaFiguresSerializer(serializers.Serializer[Any]):
    area = serializers.CharField()
    activities = serializers.IntegerField()
    figures = FiguresSerializer()


class StandingSerializer(serializers.Serializer[Report]):
    """Where the report of a State stands; never its content."""

    state = serializers.CharField(source="state.iso2")
    reference = serializers.CharField()
    status = serializers.CharField()
    sent_last = serializers.DateTimeField(allow_null=True)
    answered = serializers.IntegerField(allow_null=True)
    addressed = serializers.IntegerField(allow_null=True)
    open_questions = serializers.IntegerField()


class OverviewSerializer(serializers.Serializer[Any]):
    period = serializers.CharField()
    compared = serializers.CharField(allow_null=True)
    states = serializers.IntegerField(help_text="Asked to report.")
    accepted = serializers.ListField(child=serializers.CharField(), help_text="States whose report was accepted.")
    submitted = serializers.ListField(child=serializers.CharField())
    not_reported = serializers.ListField(child=serializers.CharField())
    overall = FiguresSerializer()
    areas = AreaFiguresSerializer(many=True)


class DashboardSerializer(OverviewSerializer):
    reports = StandingSerializer(many=True)


def figures(row: Row) -> dict[str, int | None]:
    """The cells of a line of the page, in its order."""
    of = row.distribution
    points = row.change.points if row.change else None
    return {**group_counts(of), "advanced": of.advanced, "counted": of.counted, "points": points}


def overview_data(of: Overview) -> dict[str, Any]:
    return {
        "period": of.round.code,
        "compared": of.compared.code if of.compared else None,
        "states": of.response.total,
        "accepted": of.response.accepted,
        "submitted": of.response.submitted,
        "not_reported": of.response.not_reported,
        "overall": figures(of.overall),
        "areas": [{"area": row.code, "activities": row.activities, "figures": figures(row)} for row in of.areas],
    }
