"""From a raw report to a matter: read, locate, classify, find duplicates, route."""
