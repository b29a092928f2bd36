"""A fictitious evaluation of the first two periods, with elements for a second Work Plan in several stages."""

from accounts.models import User
from evaluations import services
from evaluations.models import Evaluation
from workplan.models import Round

SYMBOL = "RTP-IV/INF.1/14"
TARGETS = {"PRO-01": "PRO-02"}  # with what a merge is merged
# Key, suggestion, text, whether it is still a draft. The texts say themselves that they are made up.
ELEMENTS = (
    ("PRV-01", "keep", "", False),
    ("PRV-02", "amend", "Texto ficticio: precisar a qué grupos se dirige la actividad y cada cuánto se informa.", True),
    ("PRV-02", "amend", "Texto ficticio: precisar los grupos, y medir el alcance en cada período.", False),
    ("PRO-01", "merge", "Texto ficticio: reunir con PRO-02 en una sola actividad sobre identificación.", False),
    ("PRS-01", "close", "Texto ficticio: cerrar donde todos los Estados ya son parte.", False),
    ("COO-02", "amend", "Texto ficticio: todavía en consulta interna.", True),
    ("N1", "new", "Texto ficticio: un registro común de planes nacionales con sus fechas de vigencia.", False),
)


def create_evaluation(secretariat: User) -> Evaluation:
    evaluation = services.create_evaluation(
        round=Round.objects.get(code="2013-1"),
        compared_round=Round.objects.get(code="2012-2"),
        symbol=SYMBOL,
        original_language="es",
        actor=secretariat,
    )
    versions: dict[str, int] = {}
    for key, suggestion, text, is_draft in ELEMENTS:
        services.save_element(
            evaluation=evaluation,
            key=key,
            seen=versions.get(key, 0),
            suggestion=suggestion,
            merge_into=TARGETS.get(key, ""),
            text=text,
            language="es",
            is_draft=is_draft,
            actor=secretariat,
        )
        versions[key] = versions.get(key, 0) + 1
    return evaluation
