"""Where the pages of administrators are."""

from django.urls import path

from mumian.web.admin import city, people, procedures, rights, welcome

urlpatterns = [
    path("admin", city.home, name="admin"),
    path("admin/procedures", procedures.procedures, name="admin-procedures"),
    path("admin/procedures/<slug:name>", procedures.procedure, name="admin-procedure"),
    path("admin/procedures/<slug:name>/edit", procedures.edit, name="admin-edit"),
    path("admin/procedures/<slug:name>/publish", procedures.publish, name="admin-publish"),
    path("admin/units", people.units, name="admin-units"),
    path("admin/units/new", people.unit, name="admin-unit-new"),
    path("admin/units/import", people.upload_units, name="admin-units-import"),
    path("admin/units/<int:pk>", people.unit, name="admin-unit"),
    path("admin/people", people.persons, name="admin-persons"),
    path("admin/people/new", people.person, name="admin-person-new"),
    path("admin/people/import", people.upload_posts, name="admin-posts-import"),
    path("admin/people/<uuid:pk>", people.person, name="admin-person"),
    path("admin/people/<uuid:pk>/invite", people.invite, name="admin-invite"),
    path("admin/people/<uuid:pk>/posts", people.add_post, name="admin-post-add"),
    path("admin/posts/<int:pk>/end", people.end_post, name="admin-post-end"),
    path("admin/posts/<int:pk>/tokens", people.add_token, name="admin-token-add"),
    path("admin/tokens/<int:pk>/revoke", people.revoke_token, name="admin-token-revoke"),
    path("admin/calendar", city.calendar, name="admin-calendar"),
    path("admin/catalogue", city.catalogue, name="admin-catalogue"),
    path("admin/catalogue/<slug:catalogue>/<str:code>", city.kind, name="admin-kind"),
    path("admin/responsibilities", city.responsibilities, name="admin-responsibilities"),
    path("admin/responsibilities/new", city.responsibility, name="admin-responsibility-new"),
    path("admin/responsibilities/import", city.upload_responsibilities, name="admin-responsibilities-import"),
    path("admin/responsibilities/<int:pk>", city.responsibility, name="admin-responsibility"),
    path(
        "admin/responsibilities/<int:pk>/remove",
        city.remove_responsibility,
        name="admin-responsibility-remove",
    ),
    path("admin/rights", rights.rights, name="admin-rights"),
    path("welcome/<str:uidb64>/<str:token>", welcome.Welcome.as_view(), name="welcome"),
]
