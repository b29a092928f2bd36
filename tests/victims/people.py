"""People of the area with their sessions."""

import itertools

from django.test import Client

from accounts.models import Institution, State
from tests.factories.accounts import give_role, make_institution, make_user
from victims.permissions import Officer, officer_of

numbers = itertools.count()


def officer_and_client(role: str, state: str = "CR") -> tuple[Officer, Client]:
    number = next(numbers)
    user = make_user(f"{role.replace('_', '-')}-{number}")
    institution: Institution = make_institution("authority", f"Invented {number}", State.objects.get(iso2=state))
    give_role(user, institution, role)
    client = Client()
    client.force_login(user)
    return officer_of(user), client
