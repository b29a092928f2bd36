"""What to tell less of where the attack found something."""

from collections.abc import Iterable

from indicators.delivery.attack.outcome import Finding, Target
from indicators.delivery.protect import Escalation, Publication
from indicators.enums import CATALOGUE, GROUPS, HEMISPHERE


def escalate(findings: Iterable[Finding], publication: Publication) -> frozenset[Escalation]:
    """What to tell less of: first merge the table of that area, then move the State, then hide the group."""
    return frozenset(_next_step(finding.target, publication) for finding in findings)


def _next_step(target: Target, publication: Publication) -> Escalation:
    """A step that tells less than this publication does; one without an effect would be asked for again and again."""
    area = publication.placement.get(target.area, target.area) or HEMISPHERE.code
    for place in (HEMISPHERE.code, area) if CATALOGUE[target.table].level == "hemisphere" else (area,):
        is_merged = publication.merged.get((target.table, place)) == "all"
        if (target.table, place) in publication.told_of and not is_merged:
            return Escalation("merge", place, target.table)
    if area in GROUPS and area not in publication.areas:
        area = HEMISPHERE.code  # the group is hidden already
    return Escalation("hide" if area in GROUPS else "fold", area)
