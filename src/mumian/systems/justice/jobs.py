"""What justice does by itself. The queue finds jobs here alone, so those of packages and defence come along."""

from mumian.systems.justice.defence import jobs as _defence  # noqa: F401
from mumian.systems.justice.packages import jobs as _packages  # noqa: F401
