"""Verify the audit trail; every fault is one line, and the exit code is 1 if there is any."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.anchors import AnchorFault, public_key, read_anchors
from core.audit_check import check_chain, known_chains, lacks_anchor
from core.db import consistent_reads
from core.models import AuditEvent


class Command(BaseCommand):
    help = "Find any edited, deleted, inserted, moved or back-dated audit event, a cut tail and a wrong signature."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--public-key", help="PEM file of the public key, kept away from this machine")

    def handle(self, *args: Any, **options: Any) -> None:
        # Anchors first: what was anchored before must still be there, and the chains only grow meanwhile.
        anchored, anchor_faults = read_anchors(public_key(options["public_key"]))
        with consistent_reads():
            chains = known_chains(anchored)
            faults = [fault for chain in chains for fault in check_chain(chain, anchored)]
            count = AuditEvent.objects.count()
            if lacks_anchor(anchored):
                anchor_faults.append(AnchorFault(settings.AUDIT_ANCHOR_FILES[0], 0, "no anchor though one was due"))
        for wrong in anchor_faults:
            self.stdout.write(f"{wrong.file} line {wrong.line}: {wrong.kind}")
        for fault in faults:
            self.stdout.write(f"{fault.chain} {fault.seq}: {fault.kind}")
        total = len(faults) + len(anchor_faults)
        self.stdout.write(f"{count} events in {len(chains)} chains, {len(anchored)} anchored heads, {total} faults")
        if total:
            raise SystemExit(1)
