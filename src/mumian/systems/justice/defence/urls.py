"""Where the pages of defence are."""

from django.urls import path

from mumian.systems.justice.defence import asking, court, pages, viewing

urlpatterns = [
    path("justice/defence", pages.desk, name="defence"),
    path("justice/defence/licence", asking.licence, name="licence"),
    path("justice/defence/new", asking.new_mandate, name="mandate-new"),
    path("justice/defence/<str:number>", pages.mandate, name="mandate"),
    path("justice/defence/<str:number>/join", pages.join, name="join"),
    path("justice/defence/<str:number>/begin/<slug:what>", asking.begin, name="begin"),
    path("justice/defence/<str:number>/video", viewing.video, name="video"),
    path("justice/reading/<str:number>", viewing.read_file, name="reading"),
    path("justice/reading/<str:number>/<slug:digest>/<int:nth>", viewing.read, name="read"),
    path("justice/orders/<str:number>", court.order, name="order"),
    path("justice/orders/<str:number>/issue", court.issue, name="issue"),
    path("justice/verify", court.verify, name="verify"),
]
