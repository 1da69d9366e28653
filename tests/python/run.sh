#!/usr/bin/env bash
# The independent client: tests/python/run.sh CONTRACT PROFILES SCHEDULE
#
# CONTRACT is a folder that `gerbang contract export` wrote, PROFILES holds blk.toml and lapas.toml,
# SCHEDULE is a schedule of blk-kepri. Makes stubs with stock tools, pushes and pulls, and checks the answers.
# The packages are installed once, into target/python.
set -euo pipefail

[ $# = 3 ] || { echo "usage: tests/python/run.sh CONTRACT PROFILES SCHEDULE" >&2; exit 2; }
contract=$(realpath "$1")
profiles=$(realpath "$2")
schedule=$(realpath "$3")
cd "$(dirname "$0")/../.."

# Tests run side by side: one makes the environment, the others wait, and a half-made one is made anew.
venv=target/python
mkdir -p target
(
    flock 9
    if ! cmp -s examples/python/requirements.txt "$venv/installed"; then
        rm -rf "$venv"
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check -r examples/python/requirements.txt
        cp examples/python/requirements.txt "$venv/installed"
    fi
) 9>target/python.lock

stubs=$(mktemp -d)
trap 'rm -rf "$stubs"' EXIT
(
    cd "$contract"
    find . -name '*.proto' -printf '%P\n' | sort
) | xargs "$venv/bin/python" -m grpc_tools.protoc -I "$contract" \
    --python_out="$stubs" --grpc_python_out="$stubs"

PYTHONPATH="$stubs:examples/python" PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" tests/python/check.py \
    "$profiles/blk.toml" "$schedule" "$profiles/lapas.toml"
