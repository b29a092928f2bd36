"""Run as a process of its own: seeds victims whose every field is a canary."""

import sys

STATES = ("CR", "GT", "PE", "CA", "BR")


def main(count: int) -> None:
    from tests.factories.victims import (
        acting_for,
        make_case,
        make_consent,
        make_disposal,
        make_entry,
        make_hold,
        make_referral,
    )
    from tests.victims.canaries import fields_of

    for place, state in enumerate(STATES):
        with acting_for(state, "tester", "case_supervisor"):
            for number in range(place, count, len(STATES)):
                case = make_case(number, facts=fields_of(number, "facts"), identity=fields_of(number, "identity"))
                make_entry(case, "note", fields_of(number, "entry"))
                make_disposal(case, fields_of(number, "retention")["keeping"])
                make_hold(case, fields_of(number, "retention")["holding"])
                make_referral(case, make_consent(case, "recipient", STATES[place - 1]), fields_of(number, "referral"))


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]))
