"""Tokens of the search for records that were there before it, or before the State's index key was changed."""

from typing import Any

from django.core.management.base import BaseCommand

from victims.services import search


class Command(BaseCommand):
    help = "Makes the blind indexes of all records anew. Shows nothing; the trail of each State names its records."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{search.index_all()} records indexed")
