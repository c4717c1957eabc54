"""Each test begins without an atlas kept from the one before."""

from collections.abc import Iterator

import pytest

from mumian.place.loading import forget_atlas


@pytest.fixture(autouse=True)
def _no_atlas_from_before() -> Iterator[None]:
    forget_atlas()
    yield
    forget_atlas()
