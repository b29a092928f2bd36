from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# The OAS's own form: RTP-IV/doc.6/14, RTP-IV/doc.6/14 rev. 1, RTP-IV/INF.2/14.
SYMBOL = r"^RTP-[IVX]+/(doc|INF)\.[0-9]{1,3}/[0-9]{2}( rev\. [0-9]{1,2})?$"
validate_symbol = RegexValidator(SYMBOL, _("Write the symbol as in RTP-IV/doc.6/14 or RTP-IV/doc.6/14 rev. 1"))
