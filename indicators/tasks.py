from celery import shared_task

from core.jobs import claim
from indicators.delivery import pipeline


@shared_task(name="indicators.build_release")
def build_release(message_id: str, release_id: int) -> None:
    with claim(message_id) as message:
        if message is not None:
            pipeline.build(message, release_id)
