"""What the tests of the field share with those of the pages: the small city, its visitors, the words compiled."""

from tests.web.conftest import _built, _catalogue_compiled, city, visit

__all__ = ["_built", "_catalogue_compiled", "city", "visit"]
