"""Replace the provisional catalogue, or a later one, by the activities of a spreadsheet file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workplan.imports import FaultyFile
from workplan.models import Plan
from workplan.services import CatalogueChange, import_catalogue


class Command(BaseCommand):
    help = "Import a catalogue of activities from FILE.xlsx or FILE.csv: all of it, or nothing where a row is at fault."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--plan", default="wp-2010", help="slug of the plan")
        parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")
        parser.add_argument("--official", action="store_true", help="the texts are those of the resolution's annex")
        parser.add_argument("--source", default="", help="where the texts come from, as shown beside them")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            change = import_catalogue(
                plan=Plan.objects.get(slug=options["plan"]),
                content=options["file"].read_bytes(),
                name=options["file"].name,
                is_official=options["official"],
                source=options["source"],
                dry_run=options["dry_run"],
            )
        except FaultyFile as error:
            self._print_faults(error)
            sys.exit(1)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from None
        except Plan.DoesNotExist:
            raise CommandError(f"There is no plan {options['plan']}.") from None
        self._print_change(change, dry_run=options["dry_run"])

    def _print_faults(self, error: FaultyFile) -> None:
        for fault in error.faults:
            self.stderr.write(str(fault))
        self.stderr.write(self.style.ERROR(str(error)))

    def _print_change(self, change: CatalogueChange, *, dry_run: bool) -> None:
        if not change.is_new:
            self.stdout.write("The current catalogue already says this; nothing changed.")
            return
        for label, codes in (("Added", change.added), ("Removed", change.removed), ("Changed", change.changed)):
            self.stdout.write(f"{label}: {len(codes)}{': ' if codes else ''}{', '.join(codes)}")
        done = f"Catalogue {change.catalogue.number} is now the current one." if change.catalogue else ""
        self.stdout.write("Dry run: nothing was written." if dry_run else done)
