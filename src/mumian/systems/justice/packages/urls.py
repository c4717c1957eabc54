"""Where the pages of hand-overs are."""

from django.urls import path

from mumian.systems.justice.packages import coming, giving, pages

urlpatterns = [
    path("justice/handovers", pages.desk, name="handovers"),
    path("justice/handovers/new", pages.new, name="handover-new"),
    path("justice/handovers/take-in", coming.take_in, name="handover-take-in"),
    path("justice/handovers/take-in/<int:key>", coming.arrival, name="arrival"),
    path("justice/handovers/take-in/<int:key>/piece", coming.arrival_piece, name="arrival-piece"),
    path("justice/keys", pages.published, name="keys"),
    path("justice/handovers/<str:number>", pages.one, name="handover"),
    path("justice/handovers/<str:number>/do/<slug:action>", pages.do, name="handover-do"),
    path("justice/handovers/<str:number>/change/<slug:what>", pages.change, name="handover-change"),
    path("justice/handovers/<str:number>/receipt", giving.take_receipt, name="take-receipt"),
    path("justice/handovers/<str:number>/papers", coming.announce, name="announce"),
    path("justice/handovers/<str:number>/papers/<int:paper>", coming.piece, name="piece"),
    path("justice/handovers/<str:number>/v<int:version>.zip", giving.export, name="export"),
    path("justice/handovers/<str:number>/v<int:version>/<int:nth>", giving.document, name="document"),
    path("justice/handovers/<str:number>/v<int:version>/<slug:state>.json", giving.receipt, name="receipt"),
]
