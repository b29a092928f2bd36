"""The work of a release: protect, attack, write, publish."""
