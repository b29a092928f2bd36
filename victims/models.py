"""Records of the sealed area. Made by SQL (migrations), because every key begins with the State."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from victims.enums import (
    AlertKind,
    AlertOutcome,
    Cause,
    Decision,
    DisposalStage,
    Element,
    EntryStatus,
    EraseReason,
    FieldClass,
    Help,
    HoldReason,
    Kind,
    MessageKind,
    Purpose,
    Question,
    Reason,
    ReferralKind,
    ReferralStage,
    Refusal,
    SearchIndex,
    Standing,
    Status,
    Urgency,
)
from victims.querysets import (
    AlertQuerySet,
    ApprovalQuerySet,
    CaseQuerySet,
    ConsentQuerySet,
    DisposalQuerySet,
    EntryQuerySet,
    HoldQuerySet,
    MessageQuerySet,
    ReferralQuerySet,
    TeamQuerySet,
    TombstoneQuerySet,
)


class SealedModel(models.Model):
    """A table of the sealed area. Its connection has no right outside a scope (core.db.sealed_scope)."""

    area_database = settings.SEALED_DATABASE
    app_rights: tuple[str, ...] = ()  # for the open area's login: none

    pk = models.CompositePrimaryKey("state", "id")
    state = models.CharField(max_length=2)
    id = models.UUIDField(default=uuid.uuid4)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)


class Case(SealedModel):
    """What may be read without a key: that there is a case, its code, where it stands."""

    token = models.CharField(max_length=22)  # 128 random bits, the name of the case in addresses
    code = models.CharField(max_length=10)  # for people: in titles, on the telephone
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    opened = models.DateField()
    changed = models.DateField()  # the day alone
    created_by = models.CharField(max_length=36)
    facts = models.BinaryField(null=True)  # sealed: quasi-identifiers
    version = models.PositiveIntegerField(default=1)  # of the facts: two people who change them meet
    standing = models.CharField(max_length=12, choices=Standing, default=Standing.POSSIBLE)
    elements = ArrayField(models.CharField(max_length=8, choices=Element), default=list)
    closed = models.DateField(null=True)
    review_on = models.DateField(null=True)  # when somebody decides whether the record is kept any longer

    objects = CaseQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."case_file'
        ordering = ("-opened", "code")


class Identity(SealedModel):
    """Who the person is. Shares the id of its case."""

    body = models.BinaryField()  # sealed
    changed = models.DateField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        managed = False
        db_table = 'sealed"."identity'


class Consent(SealedModel):
    """What somebody agreed to or refused: for one purpose, the classes one by one. A withdrawal is never undone."""

    case_id = models.UUIDField()
    purpose = models.CharField(max_length=12, choices=Purpose)
    recipient = models.CharField(max_length=2, blank=True)  # ISO code of the State whose authority would receive
    classes = ArrayField(models.CharField(max_length=12, choices=FieldClass))
    given = models.BooleanField()
    given_on = models.DateField()
    expires_on = models.DateField(null=True)
    taken_by = models.CharField(max_length=36)
    withdrawn_at = models.DateTimeField(null=True)
    body = models.BinaryField()  # sealed with the facts: a language or a guardian tells who somebody may be

    objects = ConsentQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."consent'
        ordering = ("-given_on",)


class Entry(SealedModel):
    """A need, a goal, a service, a task …: one dated thing in a record. Clear is what work lists need, no more."""

    case_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind)
    parent = models.UUIDField(null=True)  # the goal of a step
    status = models.CharField(max_length=8, choices=EntryStatus, default=EntryStatus.OPEN)
    due_on = models.DateField(null=True)
    made_by = models.CharField(max_length=36)
    made_at = models.DateTimeField()
    changed = models.DateField()
    version = models.PositiveIntegerField(default=1)
    body = models.BinaryField()  # sealed

    objects = EntryQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."entry'
        ordering = ("due_on", "made_at", "id")

    @property
    def is_late(self) -> bool:
        return self.status == EntryStatus.OPEN and self.due_on is not None and self.due_on < timezone.localdate()


class Approval(SealedModel):
    """A question that one person asks about a case and another decides. Nobody decides their own."""

    case_id = models.UUIDField()
    question = models.CharField(max_length=12, choices=Question)
    reason = models.CharField(max_length=12, choices=Reason)
    decision = models.CharField(max_length=8, choices=Decision, default=Decision.ASKED)
    asked_by = models.CharField(max_length=36)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=36, null=True)  # noqa: DJ001 - nobody yet is not a person without a code
    decided_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)  # the end of the access it gives
    body = models.BinaryField(null=True)  # sealed with the facts: words of who asks and who decides

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."approval'
        ordering = ("-asked_at", "id")


class Alert(SealedModel):
    """What was unusual about somebody's looks of one day. Found in the trail; nothing of a case is in it."""

    kind = models.CharField(max_length=8, choices=AlertKind)
    subject = models.CharField(max_length=36)
    day = models.DateField()
    number = models.PositiveIntegerField()
    usual = models.PositiveIntegerField()  # of this person, or of colleagues where there is no history yet
    found_at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=10, choices=AlertOutcome, null=True)  # noqa: DJ001 - until it happens
    closed_by = models.CharField(max_length=36, null=True)  # noqa: DJ001 - until it happens
    closed_at = models.DateTimeField(null=True)
    body = models.BinaryField(null=True)  # sealed, under a key of the alert's own: what whoever closed it found out

    objects = AlertQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."alert'
        ordering = ("-day", "-found_at")


class TeamMember(models.Model):
    """Somebody works on a case, from one moment to another."""

    area_database = settings.SEALED_DATABASE
    app_rights: tuple[str, ...] = ()

    pk = models.CompositePrimaryKey("state", "case_id", "user_id")
    state = models.CharField(max_length=2)
    case_id = models.UUIDField()
    user_id = models.CharField(max_length=36)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    added_by = models.CharField(max_length=36)

    objects = TeamQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."team'

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"


class SearchToken(models.Model):
    """What the record can be found by, as the State's key turned it into eight bytes."""

    area_database = settings.SEALED_DATABASE
    app_rights: tuple[str, ...] = ()

    pk = models.CompositePrimaryKey("state", "case_id", "name")
    state = models.CharField(max_length=2)
    case_id = models.UUIDField()
    name = models.CharField(max_length=8, choices=SearchIndex)
    token = models.BinaryField(null=True)

    class Meta:
        managed = False
        db_table = 'sealed"."search_token'

    def __str__(self) -> str:
        return f"{self.case_id} {self.name}"


class RecordKey(models.Model):
    """The wrapped key of one case and class. In a store of its own: deleting it erases, once its backups are gone."""

    area_database = settings.SEALED_KEYS_DATABASE
    app_rights: tuple[str, ...] = ()

    pk = models.CompositePrimaryKey("state", "record", "field_class")
    state = models.CharField(max_length=2)
    record = models.UUIDField()
    field_class = models.CharField(max_length=12, choices=FieldClass)
    generation = models.PositiveIntegerField(default=1)  # of the record's key; part of each field's address
    kek_version = models.PositiveIntegerField()  # of the State's key that wraps it
    wrapped = models.BinaryField()

    class Meta:
        managed = False
        db_table = 'keys"."record_key'

    def __str__(self) -> str:
        return f"{self.record} {self.field_class}"


class Copies(models.Model):
    """One sealed text for each class that goes over."""

    identity = models.BinaryField(null=True)
    quasi = models.BinaryField(null=True)
    narrative = models.BinaryField(null=True)

    class Meta:
        abstract = True


class Referral(Copies):
    """The envelope, which both States see, and the package, which the database blanks when the referral ends.

    Clear is what says nothing of the person: who asks, for what kind of help, how soon, and where it stands.
    """

    area_database = settings.SEALED_DATABASE
    app_rights: tuple[str, ...] = ()

    pk = models.CompositePrimaryKey("from_state", "id")
    from_state = models.CharField(max_length=2)
    id = models.UUIDField(default=uuid.uuid4)
    token = models.CharField(max_length=22)
    to_state = models.CharField(max_length=2)
    reference = models.CharField(max_length=9)  # free of the case: not its code
    kind = models.CharField(max_length=8, choices=ReferralKind)
    help = models.CharField(max_length=12, choices=Help)
    urgency = models.CharField(max_length=8, choices=Urgency)
    classes = ArrayField(models.CharField(max_length=12, choices=FieldClass))
    consent_until = models.DateField(null=True)
    stage = models.CharField(max_length=10, choices=ReferralStage, default=ReferralStage.DRAFT)
    created_by = models.CharField(max_length=36)
    created_at = models.DateTimeField(db_default=Now())
    approved_by = models.CharField(max_length=36, null=True)  # noqa: DJ001 - until it happens
    sent_at = models.DateTimeField(null=True)
    answer_by = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=36, null=True)  # noqa: DJ001 - until it happens
    answered_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=16, choices=Refusal, null=True)  # noqa: DJ001 - until it happens
    escalated_at = models.DateTimeField(null=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."referral'
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.reference


class ReferralOrigin(SealedModel, Copies):
    """What the sender alone knows of a referral with the same id: whose it is, and the same texts by its own keys."""

    case_id = models.UUIDField()
    consent_id = models.UUIDField()

    class Meta:
        managed = False
        db_table = 'sealed"."referral_origin'


class ReferralArrival(SealedModel):
    """What the recipient alone knows: the case that came of it, one at most."""

    from_state = models.CharField(max_length=2)
    case_id = models.UUIDField()

    class Meta:
        managed = False
        db_table = 'sealed"."referral_arrival'


class ReferralMessage(models.Model):
    """A question, an answer or a feedback: sealed for both sides with a key of its own."""

    area_database = settings.SEALED_DATABASE
    app_rights: tuple[str, ...] = ()

    pk = models.CompositePrimaryKey("from_state", "id")
    from_state = models.CharField(max_length=2)
    id = models.UUIDField(default=uuid.uuid4)
    to_state = models.CharField(max_length=2)
    referral = models.UUIDField()
    kind = models.CharField(max_length=8, choices=MessageKind)
    sent_by = models.CharField(max_length=36)
    sent_at = models.DateTimeField(db_default=Now())
    body = models.BinaryField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."referral_message'
        ordering = ("sent_at",)

    def __str__(self) -> str:
        return str(self.id)


class PackageKey(models.Model):
    """The wrapped key of what was sealed for another State. Nobody changes it; destroying it is a function."""

    area_database = settings.SEALED_KEYS_DATABASE
    app_rights: tuple[str, ...] = ()

    pk = models.CompositePrimaryKey("state", "record", "field_class")
    state = models.CharField(max_length=2)  # that may open it
    record = models.UUIDField()
    field_class = models.CharField(max_length=12, choices=FieldClass)
    from_state = models.CharField(max_length=2)
    kek_version = models.PositiveIntegerField()
    wrapped = models.BinaryField()

    class Meta:
        managed = False
        db_table = 'keys"."package_key'

    def __str__(self) -> str:
        return f"{self.record} {self.field_class}"


class RetentionRule(models.Model):
    """For how many years a State keeps closed records of one kind. Without a row the portal's own number holds."""

    area_database = settings.SEALED_DATABASE
    app_rights: tuple[str, ...] = ()

    pk = models.CompositePrimaryKey("state", "standing")
    state = models.CharField(max_length=2)
    standing = models.CharField(max_length=12, choices=Standing)
    years = models.PositiveIntegerField()
    set_by = models.CharField(max_length=36)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        managed = False
        db_table = 'sealed"."retention_rule'

    def __str__(self) -> str:
        return f"{self.state} {self.standing}"


class Disposal(SealedModel):
    """The question whether a record is kept any longer. One waits at most; erasing the case ends it."""

    case_id = models.UUIDField()
    cause = models.CharField(max_length=12, choices=Cause)
    stage = models.CharField(max_length=12, choices=DisposalStage, default=DisposalStage.PROPOSED)
    proposed_by = models.CharField(max_length=36)  # a person, or the name of the daily task
    proposed_at = models.DateTimeField(db_default=Now())
    reason = models.CharField(max_length=20, choices=EraseReason, null=True)  # noqa: DJ001 - until somebody asks
    asked_by = models.CharField(max_length=36, null=True)  # noqa: DJ001 - until somebody asks
    asked_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=36, null=True)  # noqa: DJ001 - until it is kept
    decided_at = models.DateTimeField(null=True)
    body = models.BinaryField(null=True)  # sealed with the facts: the words of who decides

    objects = DisposalQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."disposal'
        ordering = ("proposed_at", "id")


class LegalHold(SealedModel):
    """While one is in force the database erases nothing of the case."""

    case_id = models.UUIDField()
    reason = models.CharField(max_length=16, choices=HoldReason)
    set_by = models.CharField(max_length=36)
    set_at = models.DateTimeField(db_default=Now())
    lifted_by = models.CharField(max_length=36, null=True)  # noqa: DJ001 - while it is in force
    lifted_at = models.DateTimeField(null=True)
    body = models.BinaryField()  # sealed with the facts, as the next
    lifting = models.BinaryField(null=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."legal_hold'
        ordering = ("-set_at", "id")


class Tombstone(SealedModel):
    """That a case was erased, when and by whom. Shares the id of its case; nothing of a person."""

    code = models.CharField(max_length=10)
    reason = models.CharField(max_length=20, choices=EraseReason)
    asked_by = models.CharField(max_length=36)
    confirmed_by = models.CharField(max_length=36)
    erased_at = models.DateTimeField()

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."tombstone'
        ordering = ("-erased_at",)
