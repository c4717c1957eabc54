"""What is reckoned ahead: the figures of the last days every hour, of all days every night, hot topics every ten minutes."""

from django.utils import timezone
from procrastinate.contrib.django import app

from mumian.insight.days import reckon_days
from mumian.insight.hot import find_topics
from mumian.insight.models import Reckoning
from mumian.insight.standing import DAYS, PAST

LAST_DAYS = 3


@app.periodic(cron="3 * * * *")
@app.task(name="insight.days", queueing_lock="insight.days")
def days(timestamp: int = 0) -> None:
    """Three minutes past every hour, and so also soon after the day has changed: the last days, at first all."""
    begun = Reckoning.objects.filter(pk=PAST).exists()
    reckon_days(timezone.now(), LAST_DAYS if begun else DAYS)


@app.periodic(cron="40 18 * * *")
@app.task(name="insight.all-days", queueing_lock="insight.all-days")
def all_days(timestamp: int = 0) -> None:
    """Every day at 18:40 UTC, which is 02:40 in China: what was reopened, given another kind, or imported late."""
    reckon_days(timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="insight.topics", queueing_lock="insight.topics")
def hot(timestamp: int = 0) -> None:
    """Every ten minutes."""
    find_topics(timezone.now())
