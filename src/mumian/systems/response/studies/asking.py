"""A question is asked once, answered by a process of its own, and its answer is shown until it is too old.

The server only waits for that process, one at a time, so that neither its memory nor its threads are taken.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from mumian.errors import MumianError
from mumian.systems.response.models import Study

ANSWER = "response.study"
"""The job that has a study answered."""
ONE_AT_A_TIME = 0x73747564
"""The number of the database's lock for the one that is being answered: `stud` in ASCII."""
LONGEST = timedelta(minutes=15)
"""After which a study is given up."""
KEPT = timedelta(days=90)

Answers = Mapping[str, Any]


class State(StrEnum):
    """How far a study has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


def state_of(study: Study) -> State:
    """Where a study stands; one that nobody finished within `LONGEST` has failed."""
    if study.ended_at:
        return State.FAILED if study.fault else State.DONE
    if timezone.now() - study.asked_at > LONGEST:
        return State.FAILED
    return State.RUNNING if study.begun_at else State.WAITING


def ask(kind: Study.Kind, place: str, asked: Answers, *, again: bool = False) -> Study:
    """The study of a question: the one that waits or is answered, a new one where there is none or `again`."""
    found = latest(kind, place, asked)
    if found and (
        state_of(found) in (State.WAITING, State.RUNNING) or (state_of(found) is State.DONE and not again)
    ):
        return found
    from procrastinate.contrib.django import app

    with transaction.atomic():
        study = Study.objects.create(
            kind=kind, place=place, key=key_of(asked), asked=dict(asked), asked_at=timezone.now()
        )
        app.configure_task(ANSWER, priority=-5).defer(study=study.pk)
    return study


def latest(kind: Study.Kind, place: str, asked: Answers) -> Study | None:
    """The newest study of a question, whatever became of it."""
    return Study.objects.filter(kind=kind, key=key_of(asked), place=place).order_by("-pk").first()


def answered(kind: Study.Kind, place: str, asked: Answers) -> Study | None:
    """The newest answer to a question, whatever is being reckoned anew."""
    rows = Study.objects.filter(kind=kind, key=key_of(asked), place=place, fault__isnull=True)
    return rows.exclude(ended_at=None).order_by("-pk").first()


def key_of(asked: Answers) -> str:
    """The same for the same question."""
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


def folder_of(study: Study) -> Path:
    """Where what is large in an answer lies."""
    return Path(settings.DATA) / "studies" / str(study.pk)


def answer_apart(pk: int) -> bool:
    """Has a study answered by a process of its own and waits for it; False where another one is being answered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            return False
        try:
            command = [sys.executable, "-m", __package__, str(pk)]
            done = subprocess.run(
                command, env=_environment(), timeout=LONGEST.total_seconds(), check=False
            ).returncode
        except subprocess.TimeoutExpired:
            done = 1
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
    if done:
        _fail(pk, _ENDED)
    return True


def answer(pk: int) -> None:
    """Answers a study here and now, whatever memory it takes; a fault that is the asker's is kept as the answer."""
    study = Study.objects.get(pk=pk)
    if study.ended_at:
        return
    Study.objects.filter(pk=pk).update(begun_at=timezone.now())
    folder = folder_of(study)
    folder.mkdir(parents=True, exist_ok=True)
    module = importlib.import_module(f"{__package__}.{_ANSWERED_BY[Study.Kind(study.kind)]}")
    try:
        found = module.answer(study.place, study.asked, folder)
    except MumianError as error:
        _fail(pk, error)
        return
    Study.objects.filter(pk=pk).update(answer=found, ended_at=timezone.now())
    forget_old()


def answered_here(kind: Study.Kind, place: str, asked: Answers) -> Study:
    """Asks and answers in this process, as a command does. Raises MumianError where there is no answer."""
    study = Study.objects.create(
        kind=kind, place=place, key=key_of(asked), asked=dict(asked), asked_at=timezone.now()
    )
    answer(study.pk)
    study.refresh_from_db()
    if study.fault:
        said = study.fault["en" if (translation.get_language() or "").startswith("en") else "zh"]
        raise MumianError(said["thing"], reason=said["reason"], cure=said["cure"])
    return study


def forget_old() -> None:
    """Takes away what nobody needs any more: old studies, and all but the newest answers on coverage."""
    old = Study.objects.filter(asked_at__lt=timezone.now() - KEPT)
    newest = (
        Study.objects.filter(kind=Study.Kind.COVERAGE)
        .order_by("place", "key", "-pk")
        .distinct("place", "key")
        .values("pk")
    )
    over = (
        Study.objects.filter(kind=Study.Kind.COVERAGE, asked_at__lt=timezone.now() - LONGEST)
        .exclude(pk__in=newest)
    )  # fmt: skip
    for study in (old | over).distinct():
        shutil.rmtree(folder_of(study), ignore_errors=True)
        study.delete()


_ANSWERED_BY = {
    Study.Kind.COVERAGE: "covering",
    Study.Kind.SITING: "placing",
    Study.Kind.SIMULATION: "playing",
}
_ENDED = MumianError(
    _("The reckoning"),
    reason=_("it took too long or was ended"),
    cure=_("Ask for a smaller area, or again later"),
)


def _fail(pk: int, error: MumianError) -> None:
    said = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said[language[:2]] = {part: str(getattr(error, part)) for part in ("thing", "reason", "cure")}
    Study.objects.filter(pk=pk, ended_at=None).update(fault=said, ended_at=timezone.now())


def _environment() -> dict[str, str]:
    """Ours, and whatever database and folder we really use."""
    info = connection.connection.info
    secret = f":{quote(info.password, safe='')}" if info.password else ""
    address = f"postgresql://{quote(info.user)}{secret}@/{quote(info.dbname)}"
    return {
        **os.environ,
        "DATABASE_URL": f"{address}?host={quote(info.host, safe='')}&port={info.port}",
        "MUMIAN_DATA": str(settings.DATA),
    }
