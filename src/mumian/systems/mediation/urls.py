"""Where the pages of mediation are."""

from django.urls import path

from mumian.systems.mediation import (
    agreement,
    asking,
    desk,
    finding,
    numbers,
    one,
    organising,
    rooms,
    rostering,
)

app_name = "mediation"
urlpatterns = [
    path("mediation", finding.find, name="find"),
    path("mediation/map.json", finding.on_map, name="map"),
    path("mediation/bodies/<int:key>", finding.one_body, name="body"),
    path("mediation/ask", asking.ask, name="ask"),
    path("mediation/mine", asking.mine, name="mine"),
    path("mediation/desk", desk.desk, name="desk"),
    path("mediation/organise", organising.desk, name="organise"),
    path("mediation/organise/appoint", organising.appoint, name="appoint"),
    path("mediation/rooms", rooms.calendar, name="rooms"),
    path("mediation/roster", rostering.roster, name="roster"),
    path("mediation/roster/<int:body>", rostering.body, name="edit-body"),
    path("mediation/roster/<int:body>/mediators/new", rostering.mediator, name="new-mediator"),
    path("mediation/roster/<int:body>/mediators/<int:key>", rostering.mediator, name="edit-mediator"),
    path("mediation/roster/<int:body>/mediators/<int:key>/retire", rostering.retire, name="retire"),
    path("mediation/roster/<int:body>/rooms/new", rostering.room, name="new-room"),
    path("mediation/roster/<int:body>/rooms/<int:key>", rostering.room, name="edit-room"),
    path("mediation/roster/<int:body>/rooms/<int:key>/close", rostering.close_room, name="close-room"),
    path("mediation/numbers", numbers.numbers, name="numbers"),
    path("mediation/invited/<str:number>/<str:secret>", one.invited, name="invited"),
    path("mediation/<str:number>", one.one, name="one"),
    path("mediation/<str:number>/do/<slug:action>", one.act, name="act"),
    path("mediation/<str:number>/agreement.pdf", agreement.agreement, name="agreement"),
    path("mediation/<str:number>/choose", one.choose, name="choose"),
    path("mediation/<str:number>/session", one.session, name="session"),
    path("mediation/<str:number>/session/<int:session>/call-off", one.call_off, name="call-off"),
    path("mediation/<str:number>/talk/<slug:sort>", one.talk, name="talk"),
]
