"""Rules of the definitions that belong to packages."""
