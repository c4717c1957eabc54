"""Where the pages of response are."""

from django.urls import path

from mumian.systems.response import desk, drills, incidents, phone, raising, review, roster, units, walking
from mumian.systems.response.studies import covered, placed, played

app_name = "response"
urlpatterns = [
    path("response", desk.desk, name="desk"),
    path("response/map.json", desk.on_map, name="map"),
    path("response/raise", raising.call_for_help, name="raise"),
    path("response/incidents/<str:number>", incidents.incident, name="incident"),
    path("response/incidents/<str:number>/do/<slug:action>", incidents.act, name="act"),
    path("response/alerts/<uuid:key>/do/<slug:action>", phone.act, name="answer"),
    path("response/alerts/<uuid:key>/position", phone.position, name="position"),
    path("response/me", phone.mine, name="mine"),
    path("response/me/duty", phone.duty, name="duty"),
    path("response/drills", drills.drills, name="drills"),
    path("response/drills/<str:number>", drills.drill, name="drill"),
    path("response/drills/<str:number>/do/<slug:action>", drills.act, name="act-on-drill"),
    path("response/rounds", walking.rounds, name="rounds"),
    path("response/rounds/<str:number>", walking.one, name="round"),
    path("response/rounds/<str:number>/do/<slug:action>", walking.act, name="act-on-round"),
    path("response/roster", roster.roster, name="roster"),
    path("response/roster/sign-up", roster.sign_up, name="sign-up"),
    path("response/roster/shifts/<int:key>/<slug:action>", roster.change, name="shift"),
    path("response/units/<int:key>", units.unit, name="unit"),
    path("response/units/<int:key>/map.json", desk.unit_on_map, name="unit-map"),
    path("response/review", review.review, name="review"),
    path("response/coverage", covered.coverage, name="coverage"),
    path("response/coverage/units.json", covered.units, name="coverage-units"),
    path("response/siting", placed.siting, name="siting"),
    path("response/siting/<int:key>", placed.sited, name="siting-of"),
    path("response/simulation", played.simulation, name="simulation"),
    path("response/simulation/<int:key>", played.played, name="simulation-of"),
]
