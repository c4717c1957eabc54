"""The link with which somebody invited chooses a password: it works once."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from mumian.record.writing import append
from mumian.web.admin.forms import fields, problems


class Welcome(PasswordResetConfirmView):
    """Asks for a password, twice."""

    template_name = "web/admin/welcome.html"
    success_url = reverse_lazy("web:sign-in")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context = super().get_context_data(**more)
        form = context.get("form")
        shown = {"fields": fields(form), "problems": problems(form)} if form else {}
        return {
            **context,
            **shown,
            "name": str(self.user or ""),
            "account": getattr(self.user, "username", ""),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        if self.user:
            append(self.user.pk, "password", {}, person=self.user.pk, post=None)
        messages.success(self.request, _("Your password is set. Sign in with it."))
        return answer
