import re

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# The OAS's own form: RTP-IV/doc.6/14, RTP-IV/doc.6/14 rev. 1, RTP-IV/INF.2/14.
SYMBOL = r"^RTP-[IVX]+/(doc|INF)\.[0-9]{1,3}/[0-9]{2}( rev\. [0-9]{1,2})?$"
validate_symbol = RegexValidator(SYMBOL, _("Write the symbol as in RTP-IV/doc.6/14 or RTP-IV/doc.6/14 rev. 1"))

# Browsers send CR LF, slides a vertical tab, other programs what Unicode has besides.
LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def same_lines(text: str) -> str:
    """With one form of a line break."""
    return LINE_ENDS.sub("\n", text)


def xml_text(text: str) -> str:
    """As far as XML can hold it: forms refuse the rest, and what was stored before they did must still be written."""
    return NOT_IN_XML.sub("", same_lines(text))
