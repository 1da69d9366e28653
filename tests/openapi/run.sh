#!/usr/bin/env bash
# Two independent judges of OpenAPI documents: tests/openapi/run.sh FILE...
#
# openapi-spec-validator holds each file to the specification, Redocly's linter also to what its readers need; either's
# warning is a fault. The packages are installed once, into target/openapi.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: tests/openapi/run.sh FILE..." >&2; exit 2; }
files=()
for file in "$@"; do files+=("$(realpath "$file")"); done
cd "$(dirname "$0")/../.."

# Tests run side by side: one installs, the others wait, and what was left half done is done anew.
tools=target/openapi
mkdir -p "$tools"
(
    flock 9
    if ! cmp -s tests/openapi/requirements.txt "$tools/installed.txt"; then
        rm -rf "$tools/venv" "$tools/installed.txt"
        python3 -m venv "$tools/venv"
        "$tools/venv/bin/pip" install --quiet --disable-pip-version-check -r tests/openapi/requirements.txt
        cp tests/openapi/requirements.txt "$tools/installed.txt"
    fi
    if ! cmp -s tests/openapi/package-lock.json "$tools/installed.json"; then
        rm -f "$tools/installed.json"
        cp tests/openapi/package.json tests/openapi/package-lock.json "$tools/"
        npm ci --prefix "$tools" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
        cp tests/openapi/package-lock.json "$tools/installed.json"
    fi
) 9>target/openapi.lock

"$tools/venv/bin/python" -m openapi_spec_validator "${files[@]}"

# Debian 12 has Node 18, which the linter does not run on.
if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(+(a < 20 || a == 20 && b < 19))'; then
    echo "left out: Redocly's linter wants Node 20.19 or newer, here is $(node --version)" >&2
    exit 0
fi
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
"$tools/node_modules/.bin/redocly" lint --extends=recommended-strict "${files[@]}"
