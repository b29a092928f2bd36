"""The demonstration: fictitious people, institutions and reports, the same rows on every machine."""
