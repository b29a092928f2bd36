"""Systems that are told of events, and saved views, each text with a canary."""

from types import SimpleNamespace
from typing import Any

from accounts.models import HookEvent, HookNotice, SavedView, Webhook
from tests.access.canaries import NEVER, canary


def furnish_hooks(world: Any, places: SimpleNamespace, staff: SimpleNamespace) -> None:
    hooks = {
        "own": _hook(places.authority, world.people["focal_point"], "CR-HOOK"),
        "other State's": _hook(places.other_authority, staff.gt_approver, "GT-HOOK"),
    }
    world.parts["hook"] = {target: {"public_id": hook.public_id} for target, hook in hooks.items()}
    world.parts["hook"]["never existed"] = {"public_id": NEVER}


def furnish_views(world: Any, places: SimpleNamespace, staff: SimpleNamespace) -> None:
    focal, other = world.people["focal_point"], staff.gt_approver
    views = {
        "own": _view(focal, None, "CR-OWN-VIEW"),
        "shared": _view(focal, places.authority, "CR-VIEW"),
        "other State's": _view(other, places.other_authority, "GT-VIEW"),
    }
    world.parts["saved view"] = {target: {"public_id": view.public_id} for target, view in views.items()}
    world.parts["saved view"]["never existed"] = {"public_id": NEVER}


def _view(owner: Any, institution: Any, family: str) -> SavedView:
    query = f"level={canary(family, 'query')}"
    return SavedView.objects.create(
        owner=owner, institution=institution, page="network_list", name=canary(family, "name"), query=query
    )


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
