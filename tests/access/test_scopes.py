"""visible_to of every model, for everybody, against what the policy lets them read; and the rules of the database."""

import pytest
from django.db.models import CharField, JSONField, Model, TextField

from tests.access import rights, scopes
from tests.access.matrix import families_in
from tests.access.models import our_models
from tests.access.world import World


@pytest.mark.parametrize("model", scopes.scoped_models(), ids=lambda model: model._meta.label)
def test_a_scope_holds_nothing_of_others(world: World, model: type[Model]) -> None:
    assert list(scopes.leaks_of(world, model)) == []


# Public, or without a text of anybody's.
NOTHING_TO_LEAK = {"accounts.AccessReview", "accounts.State", "core.Job", "core.JobFile", "evaluations.Consultation",
                   "evaluations.Document", "evaluations.StatePaper", "evaluations.Meeting",
                   "evaluations.Publication", "networks.Escalation", "networks.LegalInstrument",
                   "indicators.Release", "indicators.ReleaseFile",
                   "workplan.Activity", "workplan.BlankForm", "workplan.EntryPresence",
                   "workplan.Notification", "workplan.PublicConsent",
                   "workplan.Report", "workplan.ReportPaper", "workplan.Round"}  # fmt: skip


@pytest.mark.parametrize("model", scopes.scoped_models(), ids=lambda model: model._meta.label)
def test_there_is_something_to_leak(world: World, model: type[Model]) -> None:
    """A scope over empty tables leaks nothing, whatever it is."""
    rows = str(list(model._default_manager.values()))
    assert bool(families_in(rows) - {"PUBLIC"}) != (model._meta.label in NOTHING_TO_LEAK)


# Published by the portal itself, or of nobody.
PUBLIC_MODELS = {"accounts.Grouping", "accounts.GroupingMember", "accounts.State", "accounts.StateMembership",
                 "core.AuditHead", "evaluations.AgendaItem", "evaluations.Conclusion", "evaluations.FollowUp",
                 "evaluations.Meeting", "evaluations.MeetingDocument", "evaluations.Officer",
                 "networks.LegalInstrument",
                 "workplan.Activity", "workplan.Area", "workplan.Catalogue", "workplan.Plan",
                 "workplan.PlanAmendment", "workplan.Round"}  # fmt: skip
# Codes, digests, keys and addresses: short, made by the portal, or looked for by themselves (matrix.families_in).
NO_WORDS = {
    "activity_code", "area", "args", "chain", "code", "column", "content_hash", "digest", "email", "ended",
    "error_code", "findings", "hash", "input_hash", "key", "kind",
    "last_error", "malware", "merge_into", "object_id", "object_kind", "object_type", "page", "password", "queue",
    "received_as", "reference",
    "refusal", "request_id", "row", "served_sha256", "sha256", "source_sha256", "stage", "symbol", "system",
    "table", "task",
    "time_zone", "token_digest", "verb",
}  # fmt: skip


@pytest.mark.parametrize(
    "model", [m for m in our_models() if m._meta.label not in PUBLIC_MODELS], ids=lambda model: model._meta.label
)
def test_every_text_carries_a_canary(world: World, model: type[Model]) -> None:
    """A field added later is not looked for until somebody plants a canary in it."""
    kinds = (CharField, TextField, JSONField)
    texts = [f for f in model._meta.concrete_fields if isinstance(f, kinds) and not f.choices]
    rows = model._default_manager
    silent = {f.name for f in texts if not families_in(str(list(rows.values_list(f.name, flat=True))))}
    assert silent - NO_WORDS == set()


@pytest.mark.django_db
def test_the_database_holds_its_rules() -> None:
    assert rights.broken_rules() == []
