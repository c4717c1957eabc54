"""Rules of the definitions that belong to defence."""
