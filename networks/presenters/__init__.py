"""Values that the pages of networks print. Nothing here decides who may do what."""

from networks.presenters.assistance import match_rows, route_lines, topic_lines, transit_lines
from networks.presenters.corridors import corridor_rows, duration_words, escalated_rows
from networks.presenters.directory import desk_rows, focal_point_rows, network_rows, seat_dates, sections
from networks.presenters.law import PlanRow, law_rows, law_url, plan_rows
from networks.presenters.maps import connection_rows, drawing, map_rows
from networks.presenters.requests import (
    STEP_DONE,
    history,
    request_facts,
    request_rows,
    request_stages,
    request_tag,
    step_buttons,
)
from networks.presenters.threads import states_of, thread, translations

__all__ = [
    "STEP_DONE",
    "PlanRow",
    "connection_rows",
    "corridor_rows",
    "desk_rows",
    "drawing",
    "duration_words",
    "escalated_rows",
    "focal_point_rows",
    "history",
    "law_rows",
    "law_url",
    "map_rows",
    "match_rows",
    "network_rows",
    "plan_rows",
    "request_facts",
    "request_rows",
    "request_stages",
    "request_tag",
    "route_lines",
    "seat_dates",
    "sections",
    "states_of",
    "step_buttons",
    "thread",
    "topic_lines",
    "transit_lines",
    "translations",
]
