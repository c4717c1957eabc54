"""Takes the pictures of the README from the demo city: `make pictures`. The same city, the same pages, every time."""

import io
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
PORT = 8799
ADDRESS = f"http://127.0.0.1:{PORT}"
PASSWORD = "mumian-demo"  # noqa: S105
PATIENCE = 300
"""Seconds the demo city may take."""


@dataclass(frozen=True)
class Shot:
    """One picture: where, as whom, how large."""

    name: str
    path: str
    user: str = ""
    width: int = 1280
    height: int = 800
    language: str = "zh-CN"
    scheme: str = "light"


SHOTS = [
    Shot("home", "/"),
    Shot("report", "/report", width=390, height=844),
    Shot("around", "/around"),
    Shot("board", "/board", "dispatcher"),
    Shot("matter", "first", "dispatcher"),
    Shot("field", "/field", "grid", width=390, height=844),
    Shot("command", "/command", "commander", width=1600, height=900, scheme="dark"),
    Shot("procedure", "/procedures/grid-event", width=1280, height=1000, language="en-GB"),
]


def main() -> None:
    """Takes all pictures, or those named."""
    wanted = sys.argv[1:]
    with city(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        for shot in SHOTS:
            if not wanted or shot.name in wanted:
                keep(shot.name, take(browser, shot))
                print(shot.name)  # noqa: T201
        browser.close()


@contextmanager
def city() -> Iterator[None]:
    """A demo city of its own, served while the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        serving = subprocess.Popen(
            [sys.executable, "-m", "mumian", "demo", "--port", str(PORT)],
            env={**os.environ, "MUMIAN_DATA": folder, "MUMIAN_PUBLIC_RATE": "0"},
            stdout=subprocess.DEVNULL,
        )
        try:
            wait()
            yield
        finally:
            serving.terminate()
            serving.wait()


def wait() -> None:
    """Until the city answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(ADDRESS, timeout=5)
            return
        except OSError:
            time.sleep(1)
    sys.exit(f"the demo city did not answer within {PATIENCE} seconds")


def take(browser: Browser, shot: Shot) -> bytes:
    """The page as it looks to one who has just come."""
    context = browser.new_context(
        locale=shot.language,
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.scheme == "dark" else "light",
        device_scale_factor=2 if shot.width < 500 else 1,
    )
    page = context.new_page()
    if shot.user:
        page.goto(f"{ADDRESS}/sign-in")
        page.fill("[name=username]", shot.user)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")
    go(page, shot.path)
    page.wait_for_timeout(2500)  # maps and charts draw themselves
    taken = page.screenshot()
    context.close()
    return taken


def go(page: Page, path: str) -> None:
    if path == "first":
        page.goto(f"{ADDRESS}/board")
        page.locator("tbody .what a").first.click()
        page.wait_for_load_state("load")
    else:
        page.goto(f"{ADDRESS}{path}", wait_until="load")


def keep(name: str, taken: bytes) -> None:
    """As a PNG of few colours, which pages of plain surfaces bear."""
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    picture.quantize(192, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
