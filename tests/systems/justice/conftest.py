"""What the tests of justice share."""

from __future__ import annotations

import pytest

from tests.systems.justice import agencies
from tests.systems.justice.agencies import Agencies
from tests.web.city import City


@pytest.fixture
def here(city: City) -> Agencies:
    """The small city with agencies that work on criminal cases."""
    return agencies.found(city)
