"""What the dashboard, its lists of answers and its files say. Every count is a link to what it counts."""

from oas_trafficking.presenters.dashboard.answers import AnswerRow, answer_choices, answer_rows
from oas_trafficking.presenters.dashboard.files import Dashboard
from oas_trafficking.presenters.dashboard.parts import (
    COLUMNS,
    GROUP_WORDS,
    Change,
    Count,
    Line,
    Stat,
    bar,
    change_of,
    change_of_points,
    group_counts,
    points_words,
    sign_of,
    title_of,
)

__all__ = [
    "COLUMNS",
    "GROUP_WORDS",
    "AnswerRow",
    "Change",
    "Count",
    "Dashboard",
    "Line",
    "Stat",
    "answer_choices",
    "answer_rows",
    "bar",
    "change_of",
    "change_of_points",
    "group_counts",
    "points_words",
    "sign_of",
    "title_of",
]
