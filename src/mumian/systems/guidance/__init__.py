"""Guidance before filing: what the law says, what is likely, which ways are open. It advises; it decides nothing."""
