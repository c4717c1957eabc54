"""Minimum emergency units: those nearest and ready are called at once, and the city knows where help comes late."""
