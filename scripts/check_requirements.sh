#!/bin/sh
# The requirements files must hold hashes and no address of an index.
set -eu
for file in requirements/*.txt; do
  if grep -nE '://|--(extra-)?index-url|--find-links' "$file"; then
    echo "$file: holds an address; make it again with 'make lock'." >&2
    exit 1
  fi
  grep -q -- '--hash=sha256:' "$file" || { echo "$file: has no hashes." >&2; exit 1; }
done
