"""The program's settings with what makes tests quick: a database server of their own, cheap passwords."""

import os
from pathlib import Path

os.environ.setdefault("MUMIAN_DATA", str(Path(__file__).resolve().parents[1] / "var" / "test"))

from mumian.settings import *  # noqa: F403
from mumian.settings import DATABASES, STORAGES

DATABASE = DATABASES["default"]
DATABASE["TEST"] = {"NAME": f"test_mumian_{os.environ.get('MUMIAN_TEST_NAME', 'suite')}"}
DATABASE["OPTIONS"].pop("pool", None)  # a test's connection is its own and ends with it
if "EMBEDDED" in DATABASE:
    DATABASE["EMBEDDED"]["settings"] = {  # what a crash would lose here can be made again
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_connections": "200",
    }

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT: Path | None = None  # type: ignore[no-redef]
WHITENOISE_USE_FINDERS = True
