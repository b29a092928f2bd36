"""Examine the running installation: one line for each thing that must be so."""

from typing import Any

from django.core.management.base import BaseCommand

from core.doctor import FAIL, examine


class Command(BaseCommand):
    help = "Examine the installation; the exit code is 1 if something that must be so is not."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine()
        for finding in findings:
            self.stdout.write(f"{finding.level:<5} {finding.name:<13}{finding.text}")
        if any(finding.level == FAIL for finding in findings):
            raise SystemExit(1)
