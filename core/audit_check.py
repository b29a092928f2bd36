"""Whether the audit trail is still what was written: every row, every link, every head, every anchor."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from core.anchors import Anchored
from core.audit import digest
from core.models import AuditEvent, AuditHead


@dataclass(frozen=True)
class Fault:
    chain: str
    seq: int
    kind: str


def known_chains(anchored: Anchored) -> list[str]:
    """Chains named by an event, by a head or by an anchor: deleting all rows of one must not hide it."""
    events = AuditEvent.objects.order_by().values_list("chain", flat=True).distinct()
    heads = AuditHead.objects.values_list("chain", flat=True)
    return sorted({*events, *heads, *(chain for chain, _ in anchored)})


def lacks_anchor(anchored: Anchored) -> bool:
    """Whether nothing is anchored though the clock should have done it twice: somebody may have taken the files."""
    due = timezone.now() - 2 * timedelta(seconds=settings.AUDIT_ANCHOR_SECONDS)
    return not anchored and AuditEvent.objects.filter(at__lt=due).exists()


def check_chain(chain: str, anchored: Anchored) -> list[Fault]:
    """Every fault of one chain, in order; none means that no row was edited, deleted, inserted or moved."""
    head = AuditHead.objects.filter(chain=chain).first()
    head_seq, head_hash = (head.seq, bytes(head.hash)) if head else (0, b"")
    events = AuditEvent.objects.filter(chain=chain).with_data_text().order_by("seq", "pk").iterator(1000)
    vouched = {seq: value for (name, seq), value in anchored.items() if name == chain}
    faults = list(_check_rows(chain, events, head_seq, head_hash, vouched))
    faults += [Fault(chain, seq, "tail cut") for seq in sorted(vouched) if seq > head_seq]
    return faults


def _check_rows(
    chain: str, events: Iterable[AuditEvent], head_seq: int, head_hash: bytes, vouched: dict[int, bytes]
) -> Iterator[Fault]:
    expected, link = 1, b""
    for event in events:
        if event.seq > expected and event.seq <= head_seq:
            yield Fault(chain, expected, "deleted")
        elif event.seq != expected or event.seq > head_seq:
            yield Fault(chain, event.seq, "inserted")
        stored = bytes(event.hash)
        if digest(event, event.data_text) != stored:  # type: ignore[attr-defined]
            yield Fault(chain, event.seq, "edited")
        elif bytes(event.previous) != link and event.seq == expected:
            yield Fault(chain, event.seq, "link broken")
        if vouched.get(event.seq, stored) != stored:
            yield Fault(chain, event.seq, "differs from anchor")
        expected, link = event.seq + 1, stored
    if expected <= head_seq:
        yield Fault(chain, expected, "deleted")
    elif link != head_hash:
        yield Fault(chain, head_seq, "head differs")
