"""From what was handled to figures: how a city stands, and what many report at once."""
