"""What each person's scope holds, model by model: texts of rows that visible_to gives and the policy does not."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from tests.access.matrix import leaked_families
from tests.access.models import has_scope, our_models
from tests.access.policy import CHAIR, SIGNED_IN
from tests.access.world import World

# A version is kept whole, for its hash; of its evidence the page shows what the reader may see (the matrix tries it).
KEPT_WHOLE = {("workplan.ReportVersion", "CR-EVIDENCE"), ("workplan.ReportVersion", "GT-EVIDENCE")}


def scoped_models() -> list[type[Model]]:
    return [model for model in our_models() if has_scope(model)]


def leaks_of(world: World, model: type[Model]) -> Iterator[str]:
    manager: Any = model._default_manager
    for actor in sorted(SIGNED_IN | {"disabled"}):
        person = world.people[actor]
        person.refresh_from_db()
        text = json.dumps(list(manager.visible_to(person).values()), cls=DjangoJSONEncoder, default=repr)
        reviews = actor in CHAIR
        for family in leaked_families(text, actor):
            if reviews and (model._meta.label, family) in KEPT_WHOLE:
                continue
            yield f"{actor} sees {family} in {model._meta.label}"
