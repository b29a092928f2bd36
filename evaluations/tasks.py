from celery import shared_task

from core.jobs import claim, finish
from evaluations import delivery


@shared_task(name="evaluations.build")
def build(message_id: str, evaluation_id: str) -> None:
    with claim(message_id) as message:
        if message is not None:
            delivery.build(message, evaluation_id)


@shared_task(name="evaluations.write_language")
def write_language(message_id: str, job_id: str, language: str) -> None:
    """Help a build with the files of a language."""
    with claim(message_id) as message:
        if message is not None:
            delivery.write_language(message, job_id, language)


@shared_task(name="evaluations.write_paper")
def write_paper(message_id: str, job_id: str, iso2: str, language: str) -> None:
    """Help a build with the paper of a State."""
    with claim(message_id) as message:
        if message is not None:
            delivery.write_paper(message, job_id, iso2, language)


@shared_task(name="evaluations.send_notice")
def send_notice(message_id: str, consultation_id: int, user_id: int) -> None:
    """Tell one person that the State's part of an evaluation can be read and commented."""
    with claim(message_id) as message:
        if message is not None:
            delivery.send_notice(consultation_id, user_id)
            finish(message)
