"""One text for one value: hashes of stored content are computed over this form and no other."""

import hashlib
import json
from typing import Any

from django.db.models import Model


def canonical_json(value: Any) -> str:
    """Sorted keys, no blanks, no escapes; dates must already be ISO texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(value: Any) -> str:
    """SHA-256 of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def fingerprint(record: Model) -> str:
    """Of everything that is stored of a record, so that whoever writes can say which state of it they had before them.

    Of a new one it is empty.
    """
    if record.pk is None:
        return ""
    return content_hash({f.attname: f.value_to_string(record) for f in record._meta.concrete_fields})
