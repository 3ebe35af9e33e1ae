#!/usr/bin/env bash
# Runs go test on packages, and what failed once more, alone.
#
#   gotest.sh "FLAGS" PACKAGE...
#
# The tests of the whole system measure from event to event on real servers and
# bound some waits by the clock. On a small machine that does something else at
# that moment, one of them can miss its bound. It is then run again by itself:
# what fails twice has failed. What passes the second time is named at the end,
# so that a test that often needs it is seen and mended.
set -uo pipefail
flags=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# shellcheck disable=SC2086 # the flags are words
${GO:-go} test $flags "$@" 2>&1 | tee "$log"
code=${PIPESTATUS[0]}
[ "$code" -eq 0 ] && exit 0
if grep -qE '\[(build|setup) failed\]|WARNING: DATA RACE' "$log"; then
	exit "$code" # no second run mends these
fi

# One line for each failed package: its path and the tests that failed in it.
failed=$(awk '
	/^--- FAIL: / { names = names (names == "" ? "" : "|") $3 }
	/^ok[ \t]/    { names = "" }
	$1 == "FAIL" && NF >= 3 { print $2, names; names = "" }
' "$log")
[ -n "$failed" ] || exit "$code"
while read -r package names; do
	echo "accueil: running again alone: $package ${names:-(all of it)}" >&2
	# shellcheck disable=SC2086
	if ! ${GO:-go} test $flags -count=1 ${names:+-parallel 1} -run "${names:+^($names)\$}" "$package" </dev/null; then
		echo "accueil: failed twice: $package $names" >&2
		exit 1
	fi
done <<<"$failed"
echo "accueil: these passed only when run again alone:" >&2
echo "$failed" >&2
