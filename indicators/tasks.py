from celery import shared_task

from core.jobs import claim


@shared_task(name="indicators.build_release")
def build_release(message_id: str, release_id: int) -> None:
    with claim(message_id) as message:
        if message is not None:
            # Here, not above: the solver is loaded by the worker that needs it and by no web process.
            from indicators.delivery import pipeline

            pipeline.build(message, release_id)
