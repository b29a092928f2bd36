"""Which models have a scope of their own, and why the others need none."""

from django.apps import apps
from django.db.models import Model

from tests.access import census

# Reached only through an object that is in scope, or public; nothing lists them by themselves.
WITHOUT_SCOPE = {
    "accounts.AccessDecision": "part of an access review",
    "accounts.Grouping": "public",
    "accounts.GroupingMember": "public",
    "accounts.HookEvent": "read by workers, and with the notices of a system",
    "accounts.HookNotice": "part of a system that is told",
    "accounts.ViewPin": "one's own, read with the views",
    "accounts.StateMembership": "public fact of a State",
    "contributions.About": "part of a contribution",
    "contributions.Change": "part of a contribution",
    "contributions.Citation": "part of a contribution",
    "contributions.Clarification": "part of a contribution",
    "contributions.ContributionTranslation": "part of a contribution",
    "contributions.StateReply": "part of a contribution",
    "core.AuditEvent": "in_chains with accounts.permissions.audit_chains, because core knows no roles",
    "core.AuditTally": "counts that become events within the hour, read by the trail alone",
    "core.AuditHead": "read by the verification alone",
    "core.OutboxMessage": "read by relay and workers alone",
    "evaluations.AgendaItem": "public part of a Meeting",
    "evaluations.Artefact": "read by builds alone",
    "evaluations.Conclusion": "public part of a Meeting",
    "evaluations.FollowUp": "public part of a Meeting",
    "evaluations.FurtherRound": "part of an evaluation",
    "evaluations.MeetingDocument": "public part of a Meeting",
    "evaluations.Officer": "public part of a Meeting",
    "core.SentForm": "looked up by whoever sends the form, by its digest",
    "evaluations.Snapshot": "part of an evaluation",
    "indicators.Cell": "part of a return",
    "indicators.ReleaseContent": "part of a release",
    "networks.AgreementParty": "part of an agreement",
    "networks.AssistanceMatch": "part of a need and an offer",
    "networks.Decision": "part of a meeting",
    "networks.RequestChange": "part of a request",
    "networks.RequestMessage": "part of a request",
    "networks.RequestTranslation": "part of a request",
    "workplan.Action": "part of an entry",
    "workplan.Area": "public",
    "workplan.Catalogue": "public",
    "workplan.Digest": "read by the mails alone",
    "workplan.DigestChoice": "one's own choice of mails",
    "workplan.ReviewOpening": "when a reviewer opened a report; shown with it",
    "workplan.Plan": "public",
    "workplan.PlanAmendment": "public",
    "workplan.Rating": "part of a version",
    "workplan.Reply": "part of a question",
    "workplan.StatusChange": "part of a report",
}


def has_scope(model: type[Model]) -> bool:
    return hasattr(model._default_manager, "visible_to")


def our_models() -> list[type[Model]]:
    """Models of apps that have pages. An app without shows nothing yet; with its first page all this applies.

    Those of the sealed area have no right outside a scope: tests/victims tries them."""
    shown = {view.__module__.partition(".")[0] for _name, _route, view in census.urls()}
    apart = {"allauth", "victims"}
    return [model for model in apps.get_models() if model.__module__.partition(".")[0] in shown - apart]


def models_without_scope() -> list[str]:
    """Models with neither, and reasons for models that have a scope or are gone."""
    lacking = {model._meta.label for model in our_models() if not has_scope(model)}
    return sorted(lacking ^ set(WITHOUT_SCOPE))
