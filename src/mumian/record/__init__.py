"""The append-only record: entries chained by hash, personal data only committed to."""
