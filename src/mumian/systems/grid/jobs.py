"""What the grid does by itself: every morning the rounds of the period are planned."""

from django.utils import timezone
from procrastinate.contrib.django import app

from mumian.systems.grid.patrols import plan_patrols


@app.periodic(cron="10 21 * * *")
@app.task(name="grid.plan-patrols", queueing_lock="grid.plan-patrols")
def plan(timestamp: int = 0) -> None:
    """Every day at 21:10 UTC, which is 05:10 in China."""
    plan_patrols(timezone.now())
