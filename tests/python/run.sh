#!/usr/bin/env bash
# An independent client: tests/python/run.sh CONTRACT SCRIPT ARGUMENT...
#
# CONTRACT is a folder that `gerbang contract export` wrote. Makes stubs with stock tools and runs the script with
# them; all paths are absolute. The packages are installed once, into target/python.
set -euo pipefail

[ $# -ge 2 ] || { echo "usage: tests/python/run.sh CONTRACT SCRIPT ARGUMENT..." >&2; exit 2; }
contract=$1
shift
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

PYTHONPATH="$stubs:examples/python" PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" "$@"
