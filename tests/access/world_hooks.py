"""Systems that are told of events, each text with a canary."""

from types import SimpleNamespace
from typing import Any

from accounts.models import HookEvent, HookNotice, Webhook
from tests.access.canaries import NEVER, canary


def furnish_hooks(world: Any, places: SimpleNamespace, staff: SimpleNamespace) -> None:
    hooks = {
        "own": _hook(places.authority, world.people["focal_point"], "CR-HOOK"),
        "other State's": _hook(places.other_authority, staff.gt_approver, "GT-HOOK"),
    }
    world.parts["hook"] = {target: {"public_id": hook.public_id} for target, hook in hooks.items()}
    world.parts["hook"]["never existed"] = {"public_id": NEVER}


def _hook(institution: Any, user: Any, family: str) -> Webhook:
    hook = Webhook.objects.create(
        institution=institution,
        user=user,
        label=canary(family, "label"),
        url=f"https://example.org/{canary(family, 'url')}",
        kinds=["report.accepted"],
        secret=canary(family, "secret"),
        old_secret=canary(family, "before"),
    )
    event = HookEvent.objects.create(
        kind="report.accepted", object_kind="report", object_id="CR-2013-2", link=f"/api/v1/{canary(family, 'link')}"
    )
    HookNotice.objects.create(hook=hook, event=event)
    return hook
