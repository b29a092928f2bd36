"""Case records of people who do not exist, written as their case worker would write them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from core.db import sealed_scope
from victims import services
from victims.enums import Purpose, Standing
from victims.models import Case
from victims.permissions import Officer, officer_of
from victims.services import Answer

YES = Answer(given=True, classes=("identity", "narrative", "quasi"), explained=("purpose", "use", "withdrawal"))
WORKER, SUPERVISOR = "diana@cr.example", "rita@cr.example"
GIRL = {
    "age": 16, "gender": "Feminine", "citizenship": ["NI"], "primary_language": "spa", "acts": ["recruitment"],
    "exploitation_types": ["ForcedLabour"], "labour_industry": "T", "began_on": "2013-05", "detection": "school",
    "recruitment_methods": ["ThroughFamilyOrFamilyEvents"], "declined": ["children"],
}  # fmt: skip
MAN = {
    "age": 34, "gender": "Masculine", "citizenship": ["VE"], "acts": ["recruitment", "transportation"],
    "means": ["deception", "abuse_of_vulnerability"], "exploitation_types": ["ForcedLabour"], "labour_industry": "A",
    "control_methods": ["WithholdsDocuments", "DebtBondage"], "began_on": "2012", "ended_on": "2013-11",
    "detection": "labour_inspection",
}  # fmt: skip


def create_cases() -> int:
    worker, supervisor = (officer_of(User.objects.get(email=email)) for email in (WORKER, SUPERVISOR))
    with sealed_scope(worker.context()):
        if Case.objects.exists():
            return 0
        girl = _girl(worker)
        man, plan = _man(worker)
        services.open_case(actor=worker, consent=YES, facts={})
    with sealed_scope(supervisor.context()):
        services.decide(actor=supervisor, case=man, approval=plan, is_approved=True)
        return len({girl.code, man.code}) + 1


def _opened(worker: Officer, facts: dict[str, Any], name: str, standing: str) -> Case:
    identity = {"first_name": name, "second_name": "Persona Ficticia"}
    case = services.open_case(actor=worker, consent=YES, facts=facts, identity=identity)
    services.ask_consent(actor=worker, case=case, purpose=Purpose.SERVICE, answer=YES)
    services.change_facts(actor=worker, case=case, facts=facts, version=1, standing=standing)
    return case


def _girl(worker: Officer) -> Case:
    case = _opened(worker, GIRL, "Nombre", Standing.CONFIRMED)
    services.note_safety(
        actor=worker,
        case=case,
        data={"risk": "high", "dangers": ["no_place"]},
        todo={"no_place": "Buscar un lugar seguro para esta noche"},
    )
    _write(worker, case, "need", need="shelter", risk="high", levels=["individual"])
    _write(worker, case, "need", need="education", risk="medium", levels=["individual", "household"])
    goal = _write(worker, case, "goal", area="social", plan_type="Education", objective="Volver al colegio en marzo")
    services.write_entry(
        actor=worker, case=case, kind="step", data={"what": "Matrícula", "who": "Trabajo social"}, parent=goal.id
    )
    late = timezone.localdate() - timedelta(days=2)
    services.write_entry(actor=worker, case=case, kind="task", data={"what": "Llamar a la defensoría"}, due_on=late)
    _write(worker, case, "interview", by="social", again="first", held_on="2014-02", accompanied=True)
    services.ask_for_plan(actor=worker, case=case)
    return case


def _man(worker: Officer) -> tuple[Case, Any]:
    case = _opened(worker, MAN, "Otro", Standing.CONFIRMED)
    services.note_safety(actor=worker, case=case, data={"risk": "low"}, todo={})
    _write(worker, case, "need", need="documents", risk="medium", levels=["individual"])
    _write(worker, case, "goal", area="occupational", plan_type="Livelihood", objective="Un empleo con contrato")
    _write(worker, case, "service", service="legal", provider="Servicio jurídico (ficticio)", began="2014-03")
    _write(worker, case, "protection", judicial_stage="investigation", measure="advance_evidence")
    _write(worker, case, "interview", by="prosecution", again="first", recorded=True)
    return case, services.ask_for_plan(actor=worker, case=case)


def _write(worker: Officer, case: Case, kind: str, **data: Any) -> Any:
    return services.write_entry(actor=worker, case=case, kind=kind, data=data)
