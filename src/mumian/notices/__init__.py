"""Notices: who is told what happened, in words by e-mail or web push, and other systems by webhook."""
