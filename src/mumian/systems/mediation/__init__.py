"""Disputes settled before, beside and after court: mediation."""
