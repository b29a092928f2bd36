"""Mails about an evaluation."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from evaluations.models import Consultation


def send_notice(consultation_id: int, user_id: int) -> None:
    """Say that there is something to read: no figure, no word of it."""
    consultation = Consultation.objects.get(pk=consultation_id)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        url = f"{settings.PORTAL_ADDRESS}{reverse('consultation_list')}"
        context = {"closes_on": consultation.closes_on, "url": url}
        body = render_to_string("evaluations/mail/consultation.txt", context)
        send_mail(_("There is something for you in the portal"), body, None, [user.email])
