"""Grid service: what a grid worker or resident reports is dispatched, handled, checked by another and closed."""
