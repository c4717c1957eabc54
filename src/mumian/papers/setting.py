"""Setting a paper with Typst."""

from pathlib import Path

import typst

FONTS = Path(__file__).parent / "fonts"
"""Noto Sans Hans, brought by npm: the same look on every machine, and every character of the standard sets."""


def compiled(folder: Path) -> bytes:
    """The PDF of `main.typ` in a folder; nothing outside of it can be read."""
    pdf = typst.compile(
        str(folder / "main.typ"),
        root=str(folder),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["a-2b"],
    )
    assert isinstance(pdf, bytes)
    return pdf
