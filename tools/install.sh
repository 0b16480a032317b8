#!/bin/sh
# install.sh - installs what building, running and testing need and this Debian lacks. Asks nothing,
# changes nothing when all is there, may be run again at any time.
#
#   tools/install.sh          what `make` and `make run` need
#   tools/install.sh test     also what `make test` and `make check` need
#   tools/install.sh browser  also a browser, for `make screenshots`
set -eu
cd "$(dirname "$0")/.."

# libraries: design.md names why each; espeak-ng is run as a program and speaks the prompts
build='gcc make libc6-dev pkg-config libjansson-dev libsqlite3-dev libsodium-dev libnghttp2-dev
libssl-dev libopus-dev libsndfile1-dev libpq-dev libc-ares-dev libzip-dev libexpat1-dev libxlsxwriter-dev libcurl4-openssl-dev libpangocairo-1.0-0 fonts-dejavu-core espeak-ng tzdata python3 python3-yaml'
# sipp and baresip are the strangers who call us; opusdec and sox hear and make sound files; clang fuzzes, warns and tidies
# postgresql-15: tests start a private one; libspandsp2, libopus0, python3-cryptography: G.722, Opus and SRTP of the tests' telephones; kamailio: a proxy in front; openssl: certificates; chromium, firefox-esr: an agent's browsers; nghttp2-client, curl: HTTP/2; poppler-utils reads our pages, python3-aiosmtpd takes our mail; pulseaudio: microphones that can be unplugged
test='postgresql-15 sip-tester strace iproute2 sox libsox-fmt-mp3 opus-tools poppler-utils baresip-core kamailio kamailio-tls-modules openssl clang libclang-rt-14-dev clang-tidy clang-format cppcheck libspandsp2 libopus0 python3-cryptography python3-aiosmtpd chromium firefox-esr nghttp2-client curl pulseaudio pulseaudio-utils'

# whom `make screenshots` drives
browser='chromium fonts-dejavu-core'

wanted=$build
[ "${1:-}" = test ] && wanted="$build $test"

[ "${1:-}" = browser ] && wanted="$build $browser"

# node builds the pages, runs JsSIP and drives the browser; one from elsewhere than Debian serves as well, and would conflict with Debian's npm
tools/pages.sh possible >/dev/null || wanted="$wanted nodejs npm"

missing=
for package in $wanted; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$state" = installed ] || missing="$missing $package"
done

install_missing() {
	as_root=
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || {
			echo "install.sh: needs root or sudo to install:$missing" >&2
			exit 1
		}
		as_root='sudo -n'
		sudo -n true 2>/dev/null || as_root=sudo # a password may be asked for by sudo itself
	fi
	echo "installing:$missing"
	export DEBIAN_FRONTEND=noninteractive
	# the lists may be old or absent; only when installing from them fails are they fetched anew
	get="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300"
	# shellcheck disable=SC2086
	$get install -y --no-install-recommends $missing >/dev/null 2>&1 || {
		$get update
		# shellcheck disable=SC2086
		$get install -y --no-install-recommends $missing >/dev/null
	}
	case "$missing" in
	*kamailio*) # tests start their own; Debian's would sit on port 5060
		$as_root systemctl disable --now kamailio >/dev/null 2>&1 ||
			$as_root service kamailio stop >/dev/null 2>&1 || true
		;;
	esac
}
[ -z "$missing" ] || install_missing

# JsSIP and the browser's driver, as their lock files say; again only when those have changed
if [ "${1:-}" = test ]; then
	for web in tests/e2e/jssip tests/e2e/browser; do
		cmp -s $web/package-lock.json $web/node_modules/.installed && continue
		(cd $web && npm ci --no-audit --no-fund --silent && cp package-lock.json node_modules/.installed)
	done
fi
