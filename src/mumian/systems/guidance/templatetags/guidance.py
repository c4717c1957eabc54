"""Tags of the pages of guidance."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def sketch(name: str) -> SafeString:
    """A drawing of guidance's own, for the eye alone."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("guidance/icons.svg"), name
    )
