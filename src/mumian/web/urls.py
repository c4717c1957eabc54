"""Where the pages are."""

from django.urls import path, register_converter
from django.urls.resolvers import URLPattern
from django.views.i18n import set_language

from mumian.web import (
    around,
    beside,
    board,
    live,
    matters,
    notices,
    opening,
    outlines,
    procedures,
    reporting,
    tracking,
    views,
)
from mumian.web.admin.urls import urlpatterns as administration
from mumian.web.command import views as command


class Sha256:
    """A SHA-256 in hexadecimal."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Sha256, "sha256")


def _of_a_matter(where: str, name: str) -> list[URLPattern]:
    """The pages of one matter, at the desk or behind its secret link."""
    return [
        path(where, matters.matter, name=f"{name}matter"),
        path(f"{where}/do/<slug:action>", matters.act, name=f"{name}act"),
        path(f"{where}/comment", matters.comment, name=f"{name}comment"),
        path(f"{where}/record", matters.record, name=f"{name}record"),
        path(f"{where}/files/<sha256:sha256>", matters.file, name=f"{name}file"),
        path(f"{where}/files/<sha256:sha256>/thumb", matters.file, {"small": True}, name=f"{name}thumb"),
    ]


app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("report", reporting.report, name="report"),
    path("report/suggest", reporting.suggest, name="suggest"),
    path("report/<str:number>/<str:secret>", reporting.received, name="received"),
    path("open/<slug:procedure>", opening.open_matter, name="open"),
    path("places", reporting.places, name="places"),
    path("map/<slug:code>.json", outlines.outlines, name="outlines"),
    path("live", live.changes, name="live"),
    path("around", around.around, name="around"),
    path("track", tracking.track, name="track"),
    *_of_a_matter("track/<str:number>/<str:secret>", "link-"),
    path("board", board.board, name="board"),
    path("board/act", board.bulk, name="bulk"),
    path("command", command.command, name="command"),
    path("command/send", command.send, name="send-task"),
    path("command/room", command.room, name="room"),
    path("command/topics/<int:key>", command.topic, name="topic"),
    *_of_a_matter("matters/<str:number>", ""),
    path("matters/<str:number>/beside/<str:other>", beside.beside, name="beside"),
    path("procedures", procedures.procedures, name="procedures"),
    path("procedures/<slug:name>", procedures.procedure, name="procedure"),
    *administration,
    path("track/<str:number>/<str:secret>/tell", notices.tell, name="notices-tell"),
    path("notices", notices.mine, name="notices"),
    path("notices/agree/<str:token>", notices.agree, name="notices-agree"),
    path("notices/end/<str:token>", notices.end, name="notices-end"),
    path("notices/worker.js", notices.worker, name="notices-worker"),
    path("notices/hooks", notices.hooks, name="notices-hooks"),
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-out", views.SignOut.as_view(), name="sign-out"),
    path("start", views.start, name="start"),
    path("post/<int:post>", views.post, name="post"),
    path("language", set_language, name="language"),
    path("scheme", views.scheme, name="scheme"),
]
