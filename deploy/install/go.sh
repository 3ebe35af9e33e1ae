#!/usr/bin/env bash
# Checks that the Go given as $1 (default: go) can build this module, and says
# in one sentence what to do when it cannot. Silent otherwise.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=say.sh
. "$here/say.sh"

go=${1:-go}
cd -- "$here/../.."
wanted=$(sed -n 's/^go //p' go.mod)
have "$go" || fail "Go is not installed: install Go $wanted or later (go.dev/doc/install), then run this again."

# A Go from 1.21 on fetches the version that go.mod asks for by itself, where
# it may; so the question is put to it inside the module.
if ! answer=$("$go" env GOVERSION 2>&1); then
	fail "this machine's $(GOTOOLCHAIN=local "$go" env GOVERSION 2>/dev/null || echo Go) is too old and a newer one could not be fetched: install Go $wanted or later (go.dev/doc/install)."
fi
version=${answer#go}
version=${version%%[!0-9.]*}
if [ "$(printf '%s\n%s\n' "$wanted" "$version" | sort -V | head -n 1)" != "$wanted" ]; then
	fail "this machine's Go is $answer and Go $wanted or later is needed: install it (go.dev/doc/install), then run this again."
fi
