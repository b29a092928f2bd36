"""Questions of the review with what was said to each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.models import User
from workplan.models import (
    Question,
)


@dataclass(frozen=True)
class Comment:
    author: str
    at: datetime
    text: str
    lang: str
    mine: bool


@dataclass(frozen=True)
class Thread:
    question: Question
    title: str
    comments: list[Comment]
    entry_url: str
    answer_url: str  # empty where this person cannot answer it, or not any more

    @property
    def status_label(self) -> str:
        return str(self.question.get_status_display())


def threads(questions: Iterable[Question], user: User, answerable: bool) -> list[Thread]:
    return [thread(question, user, answerable) for question in questions]


def thread(question: Question, user: User, answerable: bool = True) -> Thread:
    address = [question.report.reference, question.public_id]
    asked = Comment(
        str(question.asked_by), question.asked_at, question.text, question.language, question.asked_by_id == user.pk
    )
    replies = [
        Comment(str(reply.by), reply.at, reply.text, reply.language, reply.by_id == user.pk)
        for reply in question.replies.all()
    ]
    return Thread(
        question=question,
        title=f"{question.activity.number}: {question.get_field_display()}",
        comments=[asked, *replies],
        entry_url=reverse("entry_edit", args=[question.report.reference, question.activity.code]),
        answer_url=reverse("question_answer", args=address) if answerable and question.status != "resolved" else "",
    )
