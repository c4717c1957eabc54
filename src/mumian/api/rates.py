"""How often one address may write without saying who it is: a token bucket each, in this process's memory."""

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from functools import cache

from django.conf import settings
from django.http import HttpRequest

from mumian.api.problems import too_many
from mumian.errors import MumianError

MOST_ADDRESSES = 50_000
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


class Rate:
    """So many in a period, at once or spread (the generic cell rate algorithm: one number an address)."""

    def __init__(self, amount: int, seconds: float) -> None:
        self._every, self._burst = seconds / amount, seconds
        self._paid_until: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, who: str, now: float) -> float:
        """Takes one and returns 0, or takes none and returns the seconds until there is one."""
        with self._lock:
            until = max(self._paid_until.pop(who, now), now) + self._every
            late = until - now - self._burst
            self._paid_until[who] = until - self._every if late > 1e-9 else until
            if len(self._paid_until) > MOST_ADDRESSES:
                self._paid_until.popitem(last=False)
        return max(late, 0.0) if late > 1e-9 else 0.0


def limit_public(request: HttpRequest) -> None:
    """Counts a write by one who has not said who he is. Raises a `Problem` (429) beyond the rate."""
    rate = rate_named(settings.PUBLIC_RATE)
    if rate and (seconds := rate.wait(_address(request), time.monotonic())):
        raise too_many(math.ceil(seconds))


@cache
def rate_named(text: str) -> Rate | None:
    """The rate that a setting such as `30/minute` names; none for `0`. Raises `MumianError`."""
    amount, _, period = text.strip().partition("/")
    if amount == "0":
        return None
    if not amount.isdigit() or period not in _SECONDS:
        raise MumianError(
            f"MUMIAN_PUBLIC_RATE={text}",
            reason="it is not a rate",
            cure="Write a number and second, minute or hour, such as 30/minute, or 0 for none",
        )
    return Rate(int(amount), _SECONDS[period])


def _address(request: HttpRequest) -> str:
    """The caller's address as the outermost of our own proxies saw it; of IPv6 the network one household has."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        said = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        address = said[-min(settings.PROXIES, len(said))] or address
    if ":" not in address:
        return str(address)
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return str(address)
