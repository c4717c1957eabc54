"""Filters of the pages of response."""

from django import template

from mumian.systems.response.showing import in_minutes

register = template.Library()
register.filter("stopwatch", in_minutes)
