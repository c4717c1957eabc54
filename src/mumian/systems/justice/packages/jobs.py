"""What packages do by themselves."""

from procrastinate.contrib.django import app

from mumian.systems.justice.packages import arriving


@app.task(name=arriving.CHECK, retry=2)
def check_arrival(*, arrival: int) -> None:
    """A package that came as a file is checked, and taken in if it is whole."""
    arriving.check(arrival)


@app.periodic(cron="40 20 * * *")
@app.task(name="justice.forget-arrivals", pass_context=False)
def forget_arrivals(timestamp: int) -> None:
    """Broken sendings nobody went on with are thrown away."""
    arriving.forget()
