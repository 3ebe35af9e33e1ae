#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that the demo and the tests need and
# that are missing. Nothing missing: nothing is touched, no network is used.
# No service is started: the demo and the tests run their own private servers.
#
#   packages.sh        what the demo needs
#   packages.sh test   and what the tests need besides
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=say.sh
. "$here/say.sh"

# A package is missing when the file that we use of it is missing: a program
# installed in another way counts as well.
missing=()
need() { # package, file or program...
	local package=$1 thing
	shift
	for thing in "$@"; do
		case $thing in
		/*) [ -e "$thing" ] && return ;;
		*) PATH=$PATH:/usr/sbin:/usr/bin have "$thing" && return ;;
		esac
	done
	missing+=("$package")
}

need redis-server redis-server valkey-server
need espeak-ng espeak-ng
need ca-certificates /etc/ssl/certs/ca-certificates.crt
if [ "${1:-}" = test ]; then
	# The race detector is linked with C.
	need gcc gcc cc
	need libc6-dev /usr/include/stdlib.h
	# The history's database is tested on SQLite and on this.
	postgres=(/usr/lib/postgresql/*/bin/postgres)
	need postgresql "${postgres[0]}" initdb
fi
if [ "$("$here/asterisk.sh" --wanted)" = yes ]; then
	# apt verifies Debian's testing suite with these keys. Ubuntu has the
	# package too; debootstrap knows there where Debian's mirror is.
	need debian-archive-keyring /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp
	if ! grep -qs '^ID=debian' /etc/os-release && [ -z "${DEBIAN_MIRROR:-}" ]; then
		need debootstrap /usr/sbin/debootstrap
	fi
fi

if [ ${#missing[@]} -eq 0 ]; then
	exit 0
fi
have apt-get || fail "these are missing and this is not a Debian or Ubuntu machine: install ${missing[*]} by hand."
need_root "install ${missing[*]}"
say "Installing the missing packages: ${missing[*]}"

# Another apt may be at work (unattended upgrades of a fresh machine): wait for
# it, five minutes at most.
apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"; }

log=$(mktemp)
policy=/usr/sbin/policy-rc.d
made_policy=no
cleanup() {
	rm -f "$log"
	if [ "$made_policy" = yes ]; then as_root rm -f "$policy"; fi
}
trap cleanup EXIT

# The lists' own lock knows no timeout in older apt, so the update is retried.
updated=no
for attempt in 1 2 3 4 5 6; do
	if apt -q -o APT::Update::Error-Mode=any update >"$log" 2>&1; then
		updated=yes
		break
	fi
	if ! grep -qi 'could not get lock' "$log"; then break; fi
	say "  another apt is running, waiting for it ($attempt of 6)"
	sleep 10
done
if [ $updated = no ]; then
	tail -n 3 "$log" >&2
	say "  the package lists could not be refreshed, trying with the ones at hand"
fi

# A policy that answers 101 keeps redis-server from being started at its
# installation. A redis that runs already is left as it is.
if [ ! -e "$policy" ]; then
	made_policy=yes
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
	as_root chmod 755 "$policy"
fi
if ! apt -q -y --no-install-recommends install "${missing[@]}" >&2; then
	fail "installing ${missing[*]} failed (see the lines above): check the network and apt's sources, then run this again."
fi
