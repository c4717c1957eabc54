"""The tables of defence."""
