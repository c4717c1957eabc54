"""Where the program keeps what it writes: one data folder, found without reading any settings."""

from __future__ import annotations

import os
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
