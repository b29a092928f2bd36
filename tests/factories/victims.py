"""Cases of invented people, written as the services write them."""

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from core.db import SealedContext, sealed_scope
from victims import vault
from victims.enums import CODE_ALPHABET, FieldClass
from victims.models import Case, Identity

LETTERS = len(CODE_ALPHABET)


@contextlib.contextmanager
def acting_for(state: str, user: str = "tester", *roles: str) -> Iterator[SealedContext]:
    with sealed_scope(SealedContext(state, user, roles)) as context:
        yield context


def make_case(number: int, *, facts: dict[str, Any] | None = None, identity: dict[str, Any] | None = None) -> Case:
    """Inside a scope. Numbers give codes that differ."""
    from core.db import sealed_context

    state, case, today = sealed_context().state, uuid.uuid4(), timezone.localdate()
    vault.create_keys(case)
    code = "".join(CODE_ALPHABET[number // LETTERS**power % LETTERS] for power in range(6))
    row = Case.objects.create(
        state=state,
        id=case,
        token=uuid.uuid4().hex[:22],
        code=f"{state}-{code[:4]}-{code[4:]}",
        opened=today,
        changed=today,
        created_by="tester",
        facts=vault.seal(
            facts or {"sex": "f"}, case=case, field_class=FieldClass.QUASI, table="case_file", record=case
        ),
    )
    body = vault.seal(
        identity or {"family_name": f"Invented {number}"},
        case=case,
        field_class=FieldClass.IDENTITY,
        table="identity",
        record=case,
    )
    Identity.objects.create(state=state, id=case, body=body, changed=today)
    return row
