"""Figures for calculators: those of law, and the examples of the demo city."""

from __future__ import annotations

import pytest

from mumian.systems.guidance.parameters import Figures, figures


@pytest.fixture(scope="session")
def known() -> Figures:
    return figures()
