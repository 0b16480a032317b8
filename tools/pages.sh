#!/bin/sh
# pages.sh - the pages of web/ui/: what make needs of npm. Packages as their lock says, fetched only when it changed.
#
#   tools/pages.sh possible   says yes where a node of at least 18 with npm is, else nothing and status 1
#   tools/pages.sh build      web/ui/dist; without a registry it says so, and what is there stays
#   tools/pages.sh test       types and unit tests; last line `N passed, N failed, N skipped`
#   tools/pages.sh shots      pictures of every page and state (CENTRALA: the program)
set -eu
cd "$(dirname "$0")/../web/ui"

possible() {
	command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' 2>/dev/null
}

packages() {
	cmp -s package-lock.json node_modules/.installed && return
	echo "pages: fetching packages"
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null &&
		cp package-lock.json node_modules/.installed
}

case "${1:-}" in
possible) possible && echo yes ;;
build)
	packages || {
		echo "pages: not built, their packages could not be fetched (npm ci, above)" >&2
		exit 0
	}
	node tools/build.mjs
	;;
test)
	possible || { echo "0 passed, 0 failed, 1 skipped" && exit 0; }
	packages && exec node tools/test.mjs
	;;
shots) packages && exec node shots.mjs ;;
*)
	sed -n '2,8s/^# \{0,1\}//p' "../../tools/pages.sh" >&2
	exit 2
	;;
esac
