"""The figures of past days, reckoned for every place and kind in one statement; only what has changed is written."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from mumian.engine.models import Matter
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.insight.models import Reckoning
from mumian.insight.standing import DAYS, NO_KIND, PAST, counted, midnight, settled
from mumian.people.actor import SYSTEM
from mumian.place.codes import Level


def reckon_days(now: datetime, days: int = DAYS) -> int:
    """Brings the figures of so many days up to `now` in step with the matters; returns how many rows changed.

    Also days long past are looked at again: matters are reopened, given another kind, or imported late.
    """
    first = midnight(now) - timedelta(days=days - 1)
    procedures = counted()
    matters = visible(SYSTEM).filter(procedure__in=list(procedures)).order_by()
    opened, given = _sql(matters.filter(opened_at__gte=first, opened_at__lte=now), "opened_at")
    closed, ended = _sql(
        settled(matters, procedures).filter(closed_at__gte=first, closed_at__lte=now), "closed_at"
    )
    depths = [int(level) for level in Level if level >= len(city().installation.place)]
    names = {"first": timezone.localtime(first).date(), "last": timezone.localtime(now).date()}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _RECKON.format(opened=opened, closed=closed),
            [*given, *ended, NO_KIND, depths, names["first"], names["last"]],
        )
        [changed] = cursor.fetchone()
        Reckoning.objects.update_or_create(pk=PAST, defaults={"at": now})
    return int(changed)


def _sql(matters: "QuerySet[Matter]", moment: str) -> tuple[str, tuple[Any, ...]]:
    """A query of matters as the text of a subquery: place, category, late, day."""
    zone = timezone.get_default_timezone()
    rows = matters.annotate(day=TruncDate(moment, tzinfo=zone)).values_list(
        "place", "category", "late", "day"
    )
    sql, params = rows.query.sql_with_params()
    return sql, tuple(params)


_RECKON = """
WITH happened (place, category, late, day, opened, settled) AS (
  SELECT found.*, 1, 0 FROM ({opened}) AS found
  UNION ALL
  SELECT found.*, 0, 1 FROM ({closed}) AS found
), each (place, kind, day, opened, settled, in_time) AS MATERIALIZED (
  SELECT place, coalesce(nullif(split_part(category, '.', 1), ''), %s), day,
         sum(opened), sum(settled), sum(settled) FILTER (WHERE NOT late)
  FROM happened GROUP BY 1, 2, 3
), fresh (place, kind, day, opened, settled, in_time) AS MATERIALIZED (
  SELECT left(each.place, depth) COLLATE "C", coalesce(each.kind, '') COLLATE "C", each.day,
         sum(opened), sum(settled), coalesce(sum(in_time), 0)
  FROM each JOIN unnest(%s::int[]) AS depth ON length(each.place) >= depth
  GROUP BY GROUPING SETS ((left(each.place, depth), each.kind, each.day), (left(each.place, depth), each.day))
), gone AS (
  DELETE FROM insight_dayfigure old
  WHERE old.day BETWEEN %s AND %s AND NOT EXISTS (
    SELECT FROM fresh WHERE (fresh.place, fresh.kind, fresh.day) = (old.place, old.kind, old.day))
  RETURNING 1
), kept AS (
  INSERT INTO insight_dayfigure AS old (place, kind, day, opened, settled, in_time)
  SELECT place, kind, day, opened, settled, in_time FROM fresh
  ON CONFLICT (place, kind, day) DO UPDATE
    SET opened = excluded.opened, settled = excluded.settled, in_time = excluded.in_time
    WHERE (old.opened, old.settled, old.in_time) IS DISTINCT FROM
          (excluded.opened, excluded.settled, excluded.in_time)
  RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM kept)
"""
