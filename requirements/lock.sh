#!/usr/bin/env bash
# Pins every dependency to a version and its hashes, for every platform. Run from the project's root
# after pyproject.toml has changed; add --upgrade to move to newer versions.
set -eu
command -v uv >/dev/null || { echo "uv is needed: pip install uv"; exit 1; }

pin() { # pin <what> <extra>…: the project with these extras, agreeing with what runs
  local output=requirements/$1.txt constraint=(--constraint requirements/run.txt)
  shift
  [ "$output" = requirements/run.txt ] && constraint=()
  uv pip compile "${flags[@]}" "${constraint[@]}" "${@/#/--extra=}" pyproject.toml --output-file "$output"
}

flags=(--universal --generate-hashes --python-version 3.11 --no-header --quiet
       --no-emit-index-url --no-emit-find-links "$@")
pin run build
pin dev build dev
pin node build node
echo uv | uv pip compile "${flags[@]}" - --output-file requirements/uv.txt
