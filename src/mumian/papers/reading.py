"""What everything that reads a PDF may say of it."""


class Unreadable(Exception):
    """It is no PDF."""
