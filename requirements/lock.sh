#!/usr/bin/env bash
# Pins every dependency to a version and its hashes, for every platform. Run from the project's root
# after pyproject.toml has changed; add --upgrade to move to newer versions.
set -eu
command -v uv >/dev/null || { echo "uv is needed: pip install uv"; exit 1; }
flags="--universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header --quiet $*"
uv pip compile $flags pyproject.toml --output-file requirements/run.txt
uv pip compile $flags pyproject.toml --extra dev --constraint requirements/run.txt --output-file requirements/dev.txt
uv pip compile $flags pyproject.toml --extra node --constraint requirements/run.txt --output-file requirements/node.txt
