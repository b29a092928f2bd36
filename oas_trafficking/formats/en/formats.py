"""Months in words, never 03/04/2014; thousands by a no-break space in all four languages."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j F Y, H:i"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
THOUSAND_SEPARATOR = "\xa0"
DECIMAL_SEPARATOR = "."
NUMBER_GROUPING = 3
