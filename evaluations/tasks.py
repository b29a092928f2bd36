from celery import shared_task

from core.jobs import claim
from evaluations import delivery


@shared_task(name="evaluations.build")
def build(message_id: str, evaluation_id: str) -> None:
    with claim(message_id) as message:
        if message is not None:
            delivery.build(message, evaluation_id)
