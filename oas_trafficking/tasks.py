"""Work of the root that somebody asks for."""

from celery import shared_task

from core.jobs import claim
from oas_trafficking import delivery


@shared_task(name="oas_trafficking.write_export")
def write_export(message_id: str, user_id: int, iso2: str, query: dict[str, str], kind: str) -> None:
    """A file of the dashboard or of a State's figures, for whoever asked with a key."""
    with claim(message_id) as message:
        if message is not None:
            delivery.write_export(message, user_id, iso2, query, kind)
