"""A new key of a State for each class, and the keys of its records wrapped with it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import audit, keys
from core.db import SealedContext, sealed_scope
from victims import vault
from victims.enums import FieldClass


class Command(BaseCommand):
    help = "Rotates a State's keys. Interrupted, run it again with --resume."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("state", help="ISO code, two letters")
        parser.add_argument("--resume", action="store_true", help="make no new key, finish the last rotation")

    def handle(self, *args: Any, state: str, resume: bool, **options: Any) -> None:
        for field_class in FieldClass.values:
            if not resume:
                keys.provider().rotate(state, field_class)
            with sealed_scope(SealedContext(state, "rotate_keys")):
                done = vault.rewrap(field_class)
            audit.append(
                verb="keys.rotated",
                object_type="victims.keys",
                object_id=field_class,
                chain=state,
                system="rotate_keys",
                data={"class": field_class, "records": done},
                durable=True,
            )
            self.stdout.write(f"{state} {field_class}: {done} keys wrapped anew")
