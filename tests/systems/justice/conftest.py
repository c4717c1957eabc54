"""What the tests of justice share."""

from __future__ import annotations

import pytest

from tests.systems.justice import agencies
from tests.systems.justice import bar as lawyers
from tests.systems.justice.agencies import Agencies
from tests.web.city import City


@pytest.fixture
def here(city: City) -> Agencies:
    """The small city with agencies that work on criminal cases."""
    return agencies.found(city)


@pytest.fixture
def bar(here: Agencies) -> Agencies:
    """The agencies, a legal aid centre, a detention centre with two rooms, and two who say they are lawyers."""
    return lawyers.called_to(here)
