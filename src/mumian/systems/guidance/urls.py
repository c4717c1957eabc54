"""Where the pages of guidance are."""

from django.urls import path

from mumian.systems.guidance import alone, pages

app_name = "guidance"
urlpatterns = [
    path("guidance", pages.home, name="home"),
    path("guidance/calculators", alone.calculators, name="calculators"),
    path("guidance/calculators/<slug:name>", alone.calculator, name="calculator"),
    path("guidance/<slug:kind>", pages.kind, name="kind"),
    path("guidance/<slug:kind>/result", pages.result, name="result"),
    path("guidance/<slug:kind>/figure", pages.state, name="figure"),
    path("guidance/<slug:kind>/anew", pages.start_anew, name="anew"),
    path("guidance/<slug:kind>/ask/<str:name>", pages.question, name="question"),
    path("guidance/<slug:kind>/letters/<slug:name>/<slug:form>", pages.letter, name="letter"),
]
