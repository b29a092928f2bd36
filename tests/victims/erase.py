"""Run as a process of its own: erases some of the seeded cases of each State, as two people would, and says which."""

import sys


def main(each: int) -> None:
    from django.db import transaction
    from django.utils import timezone

    from core.db import SealedContext, erase_record, sealed_scope
    from tests.victims.seed import STATES
    from victims.models import Case, Disposal, LegalHold
    from victims.services import tombstones

    for state in STATES:
        with sealed_scope(SealedContext(state, "asker", ("case_supervisor",))):
            ids = list(Case.objects.order_by("code").values_list("id", flat=True)[:each])
            now, held = timezone.now(), LegalHold.objects.in_force().filter(case_id__in=ids)
            for hold in held:
                LegalHold.objects.filter(id=hold.id).update(lifted_by="asker", lifted_at=now, lifting=hold.body)
            # An open case ends this way alone: the person took back that it is kept.
            Disposal.objects.filter(case_id__in=ids).update(cause="consent")
            Disposal.objects.filter(case_id__in=ids).update(
                stage="asked", asked_by="asker", asked_at=now, reason="consent_withdrawn"
            )
        with sealed_scope(SealedContext(state, "confirmer", ("custodian",))):
            for case in ids:
                with transaction.atomic(using="sealed"):
                    erase_record(case)
    tombstones.note_erasures()


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]))
