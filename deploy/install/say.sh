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

# as_root runs a command as root, or says that it cannot. $1 is what for.
as_root() {
	local purpose=$1
	shift
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		sudo "$@"
	else
		fail "root is needed to $purpose: run this as root, or with sudo."
	fi
}
