"""For those who administer: procedures, units, people, calendars, the catalogue, who answers for what, who may do what."""
