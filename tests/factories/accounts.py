"""People and institutions of the tests. No surprises: each holds exactly the role named."""

from collections.abc import Collection, Sequence
from datetime import date
from types import SimpleNamespace

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import encrypt
from django.contrib.auth.hashers import make_password

from accounts import services
from accounts.enums import InstitutionKind, Role
from accounts.models import ApiKey, Institution, RoleAssignment, State, User

PASSWORD = "correct horse battery staple"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def make_user(name: str, *, second_factor: bool = True, **fields: object) -> User:
    """Everybody has an authenticator app, or the portal would send them to set one up."""
    defaults: dict[str, object] = {"full_name": name.title(), "language": "en"}
    user = User.objects.create_user(f"{name}@example.org", PASSWORD, **{**defaults, **fields})
    if second_factor:
        TOTP.activate(user, TOTP_SECRET)
    return user


def make_institution(kind: str, name: str, state: State | None = None) -> Institution:
    return Institution.objects.create(kind=kind, name=name, state=state, name_language="es")


def give_role(user: User, institution: Institution, role: str, **fields: object) -> RoleAssignment:
    defaults: dict[str, object] = {"valid_from": date(2012, 1, 1)}
    return RoleAssignment.objects.create(user=user, institution=institution, role=role, **{**defaults, **fields})


def make_key(user: User, scope: str = "write") -> tuple[ApiKey, str]:
    """A key in the name of the institution of the person's first role, and its secret."""
    institution = user.role_assignments.order_by("pk")[0].institution
    return services.issue_key(institution=institution, terms=services.KeyTerms("Sistema propio", scope, 90), actor=user)


def make_cast() -> SimpleNamespace:
    cr, gt = (State.objects.get(iso2=code) for code in ("CR", "GT"))
    cast = SimpleNamespace(
        costa_rica=cr,
        guatemala=gt,
        authority_cr=make_institution(InstitutionKind.AUTHORITY, "Autoridad de prueba CR", cr),
        authority_gt=make_institution(InstitutionKind.AUTHORITY, "Autoridad de prueba GT", gt),
        ministry_cr=make_institution(InstitutionKind.AGENCY, "Ministerio de prueba CR", cr),
        secretariat=make_institution(InstitutionKind.SECRETARIAT, "Secretariat of the tests"),
        meeting=make_institution(InstitutionKind.MEETING, "Meeting of the tests"),
        partner=make_institution(InstitutionKind.PARTNER, "Partner of the tests"),
    )
    people = (
        ("ana", cast.authority_cr, Role.CONTRIBUTOR),
        ("beto", cast.authority_cr, Role.FOCAL_POINT),
        ("bruno", cast.authority_cr, Role.APPROVER),
        ("marta", cast.ministry_cr, Role.CONTRIBUTOR),
        ("carla", cast.authority_gt, Role.CONTRIBUTOR),
        ("ciro", cast.authority_gt, Role.FOCAL_POINT),
        ("denise", cast.secretariat, Role.SECRETARIAT_OFFICER),
        ("didier", cast.secretariat, Role.SECRETARIAT_ADMIN),
        ("evan", cast.meeting, Role.MEETING_OFFICER),
        ("paula", cast.partner, Role.PARTNER),
    )
    people = (*people, ("iris", cast.authority_cr, Role.FOCAL_POINT))
    users = _make_users([name for name, _institution, _role in people], inactive={"iris"})
    roles = []
    for user, (name, institution, role) in zip(users, people, strict=True):
        setattr(cast, name, user)
        roles.append(RoleAssignment(user=user, institution=institution, role=role, valid_from=date(2012, 1, 1)))
    RoleAssignment.objects.bulk_create(roles)
    return cast


def _make_users(names: Sequence[str], inactive: Collection[str]) -> list[User]:
    """As make_user, all at once: nearly every test begins with them."""
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(
            email=f"{name}@example.org",
            password=password,
            full_name=name.title(),
            language="en",
            is_active=name not in inactive,
        )
        for name in names
    )
    Authenticator.objects.bulk_create(
        Authenticator(user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(TOTP_SECRET)}) for user in users
    )
    return users
