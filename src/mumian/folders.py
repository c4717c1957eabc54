"""Where the program keeps what it writes: one data folder, and one for what it makes of itself; no settings are read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]


def data_folder() -> Path:
    """The folder named by `MUMIAN_DATA`, else `var` in the source tree, else `var` where one stands.

    It is not created here: whoever writes into it does that.
    """
    if named := os.environ.get("MUMIAN_DATA"):
        return Path(named).expanduser().resolve()
    home = SOURCE if (SOURCE / "pyproject.toml").is_file() else Path.cwd()
    return home / "var"


def built_folder() -> Path:
    """The folder of what is made of the program itself and is the same for every city: in the source tree its
    `var`, whatever `MUMIAN_DATA` says; else the data folder."""
    return SOURCE / "var" if (SOURCE / "pyproject.toml").is_file() else data_folder()


def kept_secret(name: str) -> str:
    """A random secret that stays the same from start to start: made at the first, kept in the data folder."""
    file = data_folder() / "secrets" / name
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, file)  # of several that start at once, the first one's stays
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_text()
