"""Composition: the application that the server runs; measured against ASGI in docs/decisions."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mumian.settings")

application = get_wsgi_application()
