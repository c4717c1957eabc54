"""Place: regions from province down to micro-grid, known by code, by name and by point."""
