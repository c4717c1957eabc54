"""What the pages stand on is built when needed, from a lock that names no registry, or the cure is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mumian.folders import SOURCE
from mumian.web import assets


def test_the_lock_names_versions_and_hashes_and_no_registry() -> None:
    packages = json.loads((SOURCE / "package-lock.json").read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert all("resolved" not in package for package in installed.values())
    assert all("integrity" in package for package in installed.values() if not package.get("inBundle"))


def test_nothing_is_built_while_nothing_has_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(assets, "_STAMP", tmp_path / "stamp")
    monkeypatch.setattr(assets, "_installed", lambda: False)
    monkeypatch.setattr(assets, "_npm", lambda *arguments, environment: ran.append(arguments))
    assert assets.build()
    assert ran == [("ci", "--ignore-scripts"), ("run", "build")]
    assert not assets.build()
    assert len(ran) == 2


def test_a_change_of_the_look_builds_without_installing_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(assets, "_STAMP", tmp_path / "stamp")
    (tmp_path / "stamp").write_text("of an earlier look")
    monkeypatch.setattr(assets, "_installed", lambda: True)
    monkeypatch.setattr(assets, "_npm", lambda *arguments, environment: ran.append(arguments))
    assert assets.build()
    assert ran == [("run", "build")]


def test_without_node_the_cure_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "_STAMP", tmp_path / "stamp")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(assets.AssetsError, match=r"requirements/node\.txt"):
        assets.build()


def test_a_failing_npm_says_what_it_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'the registry is not there' >&2\nexit 7\n")
    npm.chmod(0o755)
    monkeypatch.setattr(assets, "_STAMP", tmp_path / "stamp")
    monkeypatch.setattr(assets, "_environment_with_node", lambda: {"PATH": f"{tmp_path}:/bin:/usr/bin"})
    with pytest.raises(assets.AssetsError, match=r"code 7(.|\n)*the registry is not there"):
        assets.build(force=True)
    assert not (tmp_path / "stamp").exists()
