"""Open311 GeoReport v2: residents' reports for programs that speak the cities' common language."""
