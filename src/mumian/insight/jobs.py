"""What is reckoned ahead: the figures of past days every hour, the hot topics every ten minutes."""

from django.utils import timezone
from procrastinate.contrib.django import app

from mumian.insight.days import reckon_days
from mumian.insight.hot import find_topics


@app.periodic(cron="3 * * * *")
@app.task(name="insight.days", queueing_lock="insight.days")
def days(timestamp: int = 0) -> None:
    """Three minutes past every hour, and so also soon after the day has changed."""
    reckon_days(timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="insight.topics", queueing_lock="insight.topics")
def hot(timestamp: int = 0) -> None:
    """Every ten minutes."""
    find_topics(timezone.now())
