"""The tables of packages."""
