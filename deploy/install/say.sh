# shellcheck shell=bash
# The voice of the install scripts: what they do goes to stderr, one line a
# step, and a failure is one sentence that says what to do. Sourced, not run.

# 4 = a dependency is down or missing, as for the accueil command.
readonly EXIT_DEPENDENCY=4

say() { printf '%s\n' "$*" >&2; }

fail() {
	printf 'accueil: %s\n' "$*" >&2
	exit "$EXIT_DEPENDENCY"
}

have() { command -v "$1" >/dev/null 2>&1; }

# need_root stops here when root cannot be had. $1 is what it is needed for.
need_root() {
	[ "$(id -u)" -eq 0 ] && return
	if have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then return; fi
	fail "root is needed to $1: run this as root, or with sudo."
}

# as_root runs a command as root; need_root has been asked before.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}
