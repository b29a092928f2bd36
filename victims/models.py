"""Records of the sealed area. Made by SQL (migrations), because every key begins with the State."""

import uuid

from django.conf import settings
from django.db import models

from victims.enums import FieldClass, Status
from victims.querysets import CaseQuerySet


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

    objects = CaseQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'sealed"."case_file'
        ordering = ("-opened", "code")


class Identity(SealedModel):
    """Who the person is. Shares the id of its case."""

    body = models.BinaryField()  # sealed
    changed = models.DateField()

    class Meta:
        managed = False
        db_table = 'sealed"."identity'


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
