"""Pages of signing in that allauth does not have, and pages of people and roles."""
