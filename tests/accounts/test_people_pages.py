import pytest
from tests.accounts.sign_in import forget_throttles, sign_in, url

pytestmark = pytest.mark.django_db


def test_walk_pages(cast, client):
    forget_throttles()
    sign_in(client, "beto@example.org")
    for name, args in [("team", ()), ("invite", ()), ("access_review", ()), ("appointment_list", ()), ("profile", ()), ("person_detail", (cast.ana.public_id,)), ("give_role", (cast.ana.public_id,)), ("hand_over", (cast.ana.public_id,)), ("person_detail", (cast.carla.public_id,)), ("person_detail", (cast.beto.public_id,)), ("appoint", ())]:
        r = client.get(url(name, *args))
        print(name, r.status_code, r.get("Location"))
