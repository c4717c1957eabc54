"""Who takes part: organisations, people, and the posts they hold at a place."""
