"""Run as a process of its own: seeds victims whose every field is a canary."""

import sys


def main(count: int) -> None:
    from tests.factories.victims import acting_for, make_case, make_entry
    from tests.victims.canaries import fields_of

    states = ("CR", "GT", "PE", "CA", "BR")
    for place, state in enumerate(states):
        with acting_for(state):
            for number in range(place, count, len(states)):
                case = make_case(number, facts=fields_of(number, "facts"), identity=fields_of(number, "identity"))
                make_entry(case, "note", fields_of(number, "entry"))


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]))
