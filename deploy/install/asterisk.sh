#!/usr/bin/env bash
# Gives the demo and the tests an Asterisk that is new enough.
#
#   asterisk.sh            install one if there is none
#   asterisk.sh --wanted   say yes or no: would the line above install one?
#   asterisk.sh --where    print the root of the one found (/ = the system's own)
#
# FOR THE DEMO AND FOR TESTS ONLY. A hospital's Asterisk is installed and
# kept up to date by its own system: see docs/install.md.
#
# Debian 12, 13 and Ubuntu ship no Asterisk, or one that is too old. So the
# packages of Debian's testing suite are downloaded and unpacked into a folder
# of this checkout. They are not installed: no script of theirs runs, nothing
# outside the folder changes, no root is needed, and removing the folder
# removes them. Accueil starts the program with that folder's own libraries.
#
# Variables: ASTERISK_DIR (default .local/asterisk), ASTERISK_SUITE (default
# forky), DEBIAN_MIRROR (default: where this system's apt gets Debian from).
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=say.sh
. "$here/say.sh"

# Also in deploy/local/root.go, which says why; a test compares the two.
readonly FLOOR=22.10.1
readonly BANNED=22.11.0-rc1
# The recorded French and English numbers, dates and durations.
readonly PACKAGES=(asterisk asterisk-core-sounds-fr-wav asterisk-core-sounds-en-wav)
readonly NEEDED_MB=600

project=$(cd -- "$here/../.." && pwd)
target=${ASTERISK_DIR:-$project/.local/asterisk}
suite=${ASTERISK_SUITE:-forky}

# usable says whether "Asterisk <version>…" on stdin is at the floor or later.
usable() {
	local version
	version=$(sed -n 's/^Asterisk //p')
	case $version in '' | "$BANNED"*) return 1 ;; esac
	version=${version%%[!0-9.]*}
	[ "$(printf '%s\n%s\n' "$FLOOR" "$version" | sort -V | head -n 1)" = "$FLOOR" ]
}

system_asterisk() { PATH=$PATH:/usr/sbin asterisk -V 2>/dev/null; }

# folder_asterisk prints the version of the Asterisk unpacked in folder $1.
folder_asterisk() {
	local loader modules
	for loader in "$1"/usr/lib/*/ld-linux*.so.*; do
		for modules in "$1"/usr/lib/*/asterisk/modules; do
			[ -x "$loader" ] && [ -d "$modules" ] || return 1
			"$loader" --library-path "${modules%/asterisk/modules}" "$1/usr/sbin/asterisk" -V 2>/dev/null
			return
		done
	done
}

# present prints where a usable Asterisk is.
present() {
	if [ -n "${ACCUEIL_ASTERISK_ROOT:-}" ]; then
		echo "$ACCUEIL_ASTERISK_ROOT"
	elif system_asterisk | usable; then
		echo /
	elif folder_asterisk "$target" | usable; then
		echo "$target"
	else
		return 1
	fi
}

wanted=no
where=$(present) || wanted=yes
case ${1:-} in
--wanted)
	echo $wanted
	exit
	;;
--where)
	[ $wanted = no ] || fail "there is no Asterisk $FLOOR or later here: run 'make asterisk' once."
	echo "$where"
	exit
	;;
'') ;;
*)
	say "usage: asterisk.sh [--wanted | --where]"
	exit 2
	;;
esac
if [ $wanted = no ]; then
	say "Asterisk is already there: $where"
	exit
fi

if ! have apt-get || ! have dpkg-deb; then
	fail "this is not a Debian or Ubuntu machine: install Asterisk $FLOOR or later and set ACCUEIL_ASTERISK_ROOT (/ for the system's own)."
fi
keyring=
for file in /usr/share/keyrings/debian-archive-keyring.pgp /usr/share/keyrings/debian-archive-keyring.gpg; do
	if [ -r "$file" ]; then keyring=$file; fi
done
[ -n "$keyring" ] || fail "the keys of Debian's archive are missing: run 'make packages' as root or with sudo (package debian-archive-keyring)."

parent=$(dirname -- "$target")
mkdir -p "$parent" || fail "the folder $parent cannot be made: check its owner, or set ASTERISK_DIR."
free_mb=$(df -Pm "$parent" | awk 'NR == 2 {print $4}')
[ "$free_mb" -ge "$NEEDED_MB" ] || fail "$parent has $free_mb MB left and $NEEDED_MB MB are needed: free some space, or set ASTERISK_DIR."

# One at a time: the second of two waits here, then finds everything done.
lock=$parent/.asterisk.lock
: 2>/dev/null >>"$lock" || fail "$lock cannot be written: another user made it, remove it or set ASTERISK_DIR."
exec 9>>"$lock"
flock 9
if where=$(present); then
	say "Asterisk is already there: $where"
	exit
fi

work=$(mktemp -d "$parent/.asterisk.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
mkdir -p "$work"/{none,lists/partial,archives/partial,root}
: >"$work/status"

# An apt of our own: its lists, cache and (empty) state of installed packages
# are in the work folder. From the system's apt it takes only the way out to
# the network. The suite's Release file may be past its date on a mirror.
{
	apt-config dump | grep -E '^Acquire::(http|https|ftp|ForceIPv|Proxy)' || true
	cat <<-CONF
		Dir::Etc::main "/dev/null";
		Dir::Etc::parts "$work/none";
		Dir::Etc::sourcelist "$work/sources.list";
		Dir::Etc::sourceparts "$work/none";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "$work/none";
		Dir::State::lists "$work/lists";
		Dir::State::status "$work/status";
		Dir::State::extended_states "$work/extended_states";
		Dir::Cache::archives "$work/archives";
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
		Dir::Log "$work";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Acquire::Check-Valid-Until "false";
		APT::Update::Error-Mode "any";
		APT::Install-Recommends "false";
		APT::Sandbox::User "";
	CONF
} >"$work/apt.conf"

# mirrors prints the archives to try: the one named by the user; else those of
# the system's own sources (apt reads them, in whichever of its formats they
# are written); else the one debootstrap would take. One that has not the
# suite, or not under Debian's signature, fails and the next is tried.
mirrors() {
	if [ -n "${DEBIAN_MIRROR:-}" ]; then
		echo "$DEBIAN_MIRROR"
		return
	fi
	if grep -qs '^ID=debian' /etc/os-release; then
		apt-get -o Dir::State::lists="$work/lists" -o APT::Sandbox::User= update --print-uris 2>"$work/sources.log" |
			sed -n "s,^'\(.*\)/dists/.*,\1,p" | grep -v security | awk '!seen[$0]++'
		return
	fi
	say "This system is not Debian: taking the mirror that debootstrap names (set DEBIAN_MIRROR for another one)."
	sed -n 's/^DEF_MIRROR="\(.*\)"$/\1/p' /usr/sbin/debootstrap 2>/dev/null
}

say "Installing Asterisk for the demo and tests only, into $target"
say "1/4 reading the packages of Debian $suite"
found=no
tried=
while read -r mirror; do
	tried="$tried $mirror"
	echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
	if APT_CONFIG=$work/apt.conf apt-get -q update >"$work/update.log" 2>&1; then
		found=yes
		break
	fi
done < <(mirrors)
if [ $found = no ]; then
	[ -n "$tried" ] || fail "no Debian mirror is known here: run 'make packages', or set DEBIAN_MIRROR to one, and run this again."
	grep -E '^(E|W|Err)' "$work/update.log" | head -n 3 >&2 || true
	fail "Debian's suite $suite could not be read from$tried: check the network or the proxy, or set DEBIAN_MIRROR, and run this again."
fi

size=$(APT_CONFIG=$work/apt.conf apt-get --assume-no --download-only install "${PACKAGES[@]}" 2>/dev/null | sed -n 's/^Need to get \(.*\) of archives.*/\1/p' || true)
say "2/4 downloading ${size:-the packages}"
download() {
	APT_CONFIG=$work/apt.conf apt-get --assume-yes --download-only install "${PACKAGES[@]}"
}
# In a terminal apt shows its own progress; elsewhere only what went wrong.
downloaded=yes
if [ -t 2 ]; then
	download >&2 || downloaded=no
else
	download >"$work/download.log" 2>&1 || {
		downloaded=no
		grep -E '^(E|W|Err)' "$work/download.log" | head -n 3 >&2 || true
	}
fi
if [ $downloaded = no ]; then
	fail "the packages of Asterisk could not be downloaded from $mirror: check the network and run this again."
fi

debs=("$work"/archives/*.deb)
say "3/4 unpacking ${#debs[@]} packages"
done_count=0
for deb in "${debs[@]}"; do
	dpkg-deb --extract "$deb" "$work/root" || fail "unpacking $(basename -- "$deb") failed: is the disk full?"
	done_count=$((done_count + 1))
	if [ -t 2 ]; then
		printf '\r    %d of %d' "$done_count" "${#debs[@]}" >&2
	elif [ $((done_count % 50)) -eq 0 ]; then
		say "    $done_count of ${#debs[@]}"
	fi
done
if [ -t 2 ]; then echo >&2; fi

say "4/4 checking it"
version=$(folder_asterisk "$work/root") || fail "the unpacked Asterisk does not start on this machine: set ACCUEIL_ASTERISK_ROOT to another one."
echo "$version" | usable || fail "$suite holds $version and $FLOOR or later is needed: set ASTERISK_SUITE to a newer suite."
rm -rf -- "$target"
mv -- "$work/root" "$target"
say "Done: $version"
