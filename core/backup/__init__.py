"""Backups that leave the machine encrypted, and their way back (docs/adr/0100).

A backup is a folder of age files: the database, the wrapped keys of records apart from it, the private files, and a
signed manifest with the rows and a checksum of every table. The host that makes them knows public keys alone.
"""

from core.exceptions import PortalError


class BackupFailed(PortalError):
    """Says what stood in the way; nothing half made is left behind."""


DATABASE, RECORD_KEYS, ANCHORS = "database.age", "record-keys.age", "anchors.age"
FILES, MANIFEST = "files.age", "manifest.age"
MEDIA = "media"  # the folder of private files in their archive
KEY_STORE = "key-store.age"
LEDGER = "erasures.jsonl"  # in the key store's backup: which cases must not come back
