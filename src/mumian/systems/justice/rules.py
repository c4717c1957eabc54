"""What the definitions of justice cannot say, in pure Python."""

from mumian.systems.justice.defence import rules as _defence  # noqa: F401  (registers them)
from mumian.systems.justice.packages import rules as _packages  # noqa: F401
