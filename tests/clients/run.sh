#!/usr/bin/env bash
# Independent clients: tests/clients/run.sh CLIENT CONTRACT PROFILE SCHEDULE [PULL_PROFILE]
#
# CLIENT is php, connect or grpc_js; CONTRACT is a folder that `gerbang contract export --plain` wrote. Makes stubs with
# stock tools, as docs/partners.md says, and runs the sample of examples/ with them; all paths are absolute. Node's
# packages are installed once, into target/node.
set -euo pipefail

[ $# -ge 4 ] || { echo "usage: tests/clients/run.sh CLIENT CONTRACT PROFILE SCHEDULE [PULL_PROFILE]" >&2; exit 2; }
client=$1 contract=$2
shift 2
cd "$(dirname "$0")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/stubs"
protos() { (cd "$contract" && find . -name '*.proto' -printf '%P\n' | sort); }

if [ "$client" = php ]; then
    protos | xargs protoc -I "$contract" --php_out="$scratch/stubs"
    php examples/php/push_and_pull.php "$scratch/stubs" "$@"
    exit
fi

# Tests run side by side: one installs, the others wait, and what was left half done is done anew.
mkdir -p target/node
(
    flock 9
    if ! cmp -s examples/node/package-lock.json target/node/installed; then
        rm -f target/node/installed
        cp examples/node/package.json examples/node/package-lock.json target/node/
        npm ci --prefix target/node --ignore-scripts --no-audit --no-fund --loglevel=error >&2
        cp examples/node/package-lock.json target/node/installed
    fi
) 9>target/node.lock
cp examples/node/package.json examples/node/*.js "$scratch/"
ln -s "$PWD/target/node/node_modules" "$scratch/node_modules"

if [ "$client" = connect ]; then
    protos | xargs protoc -I "$contract" --plugin="$scratch/node_modules/.bin/protoc-gen-es" \
        --es_out="$scratch/stubs" --es_opt=target=js,import_extension=js
    node "$scratch/connect.js" "$@"
else
    node "$scratch/grpc_js.js" "$contract" "$@"
fi
