"""The field: an app on a phone that goes on working where there is no network, for those who are out and about."""
