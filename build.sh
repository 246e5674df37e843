#!/usr/bin/env bash
# The one door to building, trying, testing, measuring and releasing Yizhan.
#   ./build.sh demo      a center and two kiosks with sample data and simulated printers (needs Go alone); also: run
#   ./build.sh test      every check, then every test
#   ./build.sh sim       worlds of kiosks and a center: [--seeds N] [--seed S] [--mutants]
#   ./build.sh bench     the measurements of bench/
#   ./build.sh release   static binaries for the boxes we ship, in dist/
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# Programs that the tests use, each with the Debian package that brings it.
TEST_PROGRAMS="gcc:gcc chromium-headless-shell:chromium-headless-shell zbarimg:zbar-tools socat:socat node:nodejs npm:npm pg_ctlcluster:postgresql"
TEST_FONT="fonts-noto-cjk"

missing_packages() {
  local pair
  for pair in $TEST_PROGRAMS; do
    command -v "${pair%%:*}" >/dev/null || printf '%s ' "${pair#*:}"
  done
  if ! command -v fc-list >/dev/null || [ -z "$(fc-list ':lang=zh-cn' file | head -n 1)" ]; then
    printf '%s ' "$TEST_FONT" fontconfig
  fi
}

# The tests drive a real browser and read real QR codes. On Debian as root what
# is missing is installed; anywhere else we say what to install and stop.
install_missing() {
  local missing
  missing=$(missing_packages)
  [ -z "$missing" ] && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    die "The tests need these Debian packages (or what matches them on your system): $missing
Install them, for example with: sudo apt-get install $missing"
  fi
  say "installing $missing"
  apt-get update -qq
  # shellcheck disable=SC2086 # a list of packages
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# printer/decoder reads our streams with an implementation from npm. No package's
# scripts run, and the optional packages (a USB driver, an image library) stay away.
install_decoder() {
  say "npm ci for printer/decoder"
  mkdir -p build/decoder
  cp printer/decoder/package.json printer/decoder/package-lock.json build/decoder/
  (cd build/decoder && npm ci --ignore-scripts --omit=optional --no-audit --no-fund --loglevel=error) && return
  [ -z "${CI:-}" ] || die "npm could not install what reads the streams."
  printf '!!!! NOT READ by a second implementation: npm could not install it, so the tests of printer/decoder are skipped.\n'
}

need_go() {
  command -v go >/dev/null || die "Go is needed (1.26 or newer): install it from your system's packages or from the Go site, then run this again."
}

check_format() {
  say "gofmt"
  local dirty
  dirty=$(gofmt -l $(git ls-files '*.go' 2>/dev/null || find . -name '*.go'))
  [ -z "$dirty" ] || die "not formatted (run gofmt -w on them): $dirty"
}

# govulncheck against a local copy of the vulnerability database when there is
# one, else the online one, else a loud line: never silently.
check_vulnerabilities() {
  say "govulncheck"
  local archive="${YIZHAN_VULNDB:-../shared/data/vulndb.tgz}" folder
  if [ -f "$archive" ]; then
    folder=$(mktemp -d)
    tar -xzf "$archive" -C "$folder"
    go tool govulncheck -db "file://$folder/vdb" ./...
    rm -rf "$folder"
  elif ! go tool govulncheck ./... 2>"${TMPDIR:-/tmp}/govulncheck.err"; then
    grep -q 'fetching vulnerabilities\|dial\|lookup' "${TMPDIR:-/tmp}/govulncheck.err" || { cat "${TMPDIR:-/tmp}/govulncheck.err" >&2; exit 1; }
    printf '!!!! NOT CHECKED for known vulnerabilities: no local database at %s and the online one was not reached.\n' "$archive"
  fi
}

build_for() { # os/arch[/arm]
  local os arch arm
  IFS=/ read -r os arch arm <<<"$1"
  CGO_ENABLED=0 GOOS=$os GOARCH=$arch GOARM=${arm:-} go build -trimpath -ldflags '-s -w' -o "$2" ./cmd/yizhan
}

TARGETS="linux/arm64 linux/arm/7 linux/amd64"

cross_build() {
  say "cross-builds without cgo"
  local target
  for target in $TARGETS; do
    build_for "$target" "build/cross/yizhan-${target//\//-}"
    printf '%s ok, %s bytes\n' "$target" "$(stat -c %s "build/cross/yizhan-${target//\//-}")"
  done
}

# Worlds of kiosks and a center, see center/sim. The race detector stays out: the
# packages' own tests have it.
simulate() {
  local seeds=200 first=1 more=() mutants=
  while [ $# -gt 0 ]; do
    case "$1" in
    --seeds) seeds=${2:?} && shift 2 ;;
    --seed) first=${2:?} && shift 2 ;;
    --talk) more+=(-talk) && shift ;;
    --mutants) mutants=yes && shift ;;
    *) die "sim knows --seeds N, --seed S, --talk and --mutants, not $1" ;;
    esac
  done
  if [ -n "$mutants" ]; then
    say "sim, each guard of the points taken away in turn"
    go run ./center/sim/mutant -seeds "$seeds"
    return
  fi
  say "sim, $seeds seeds from $first"
  mkdir -p build
  go test -c -o build/sim.test ./center/sim
  (cd center/sim && GOGC=400 ../../build/sim.test -test.run '^TestWorlds' -seeds "$seeds" -seed "$first" "${more[@]}")
}

# Packages that start goroutines are tested with the race detector. Not those in the
# browser, where nearly all of the time is the browser's, and what they drive is raced by
# the tests of kiosk and center; nor printer, whose port is raced by printer/spool.
raced_packages() {
  local folder name
  go list -f '{{.Dir}} {{.ImportPath}}' ./... | while read -r folder name; do
    case "$name" in */screentest | */firstday | */printer) continue ;; esac
    if grep -qsE '^\s*go (func|[a-z]+[.(])|\.Go\(|\.Parallel\(' "$folder"/*.go; then printf '%s\n' "$name"; fi
  done
}

# Packages are tested in the order in which they are named: those that take longest go
# first, so that none of them is left to run alone at the end.
slow_first() { # package...
  local all name
  all=$(cat)
  for name in "$@"; do grep -x "yizhan/$name" <<<"$all"; done
  printf '%s\n' "$all" | grep -vxF "$(printf 'yizhan/%s\n' "$@")"
}

# SQLite, which is C made Go, is left as it is: with the detector it would be ten times as
# slow. Nothing else is: a generic function compiled without the detector may be the copy
# that all packages get, and then what it keeps in order looks like a race. Collecting
# garbage less often saves a fifth.
run_tests() {
  local raced plain calm=(-gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false)
  raced=$(raced_packages | slow_first cmd/yizhan center kiosk)
  plain=$(go list ./... | grep -vxF "$raced" | slow_first kiosk/screentest center/screentest cmd/yizhan/firstday)
  say "go test -race"
  # shellcheck disable=SC2086 # lists of packages
  GOGC=400 YIZHAN_SIM_SEEDS=3 go test -race "${calm[@]}" -parallel 4 -timeout 20m $raced
  say "go test"
  # shellcheck disable=SC2086
  GOGC=400 YIZHAN_PRINTS=all go test -timeout 20m $plain
}

case "${1:-}" in
demo | run)
  need_go
  mkdir -p build
  CGO_ENABLED=0 go build -trimpath -o build/yizhan ./cmd/yizhan
  shift
  exec build/yizhan demo "$@"
  ;;
test)
  need_go
  install_missing
  install_decoder
  check_format
  say "go vet"
  go vet ./...
  say "staticcheck"
  go tool staticcheck ./...
  check_vulnerabilities
  cross_build
  simulate --seeds 60
  run_tests
  ;;
sim)
  need_go
  shift
  simulate "$@"
  ;;
bench)
  need_go
  shift
  exec go test -run '^$' -bench . -benchtime "${BENCHTIME:-2s}" -timeout 60m "$@" ./bench/...
  ;;
release)
  need_go
  mkdir -p dist
  for target in $TARGETS; do
    build_for "$target" "dist/yizhan-${target//\//-}"
  done
  (cd dist && sha256sum yizhan-* >SHA256SUMS && cat SHA256SUMS)
  ;;
*)
  sed -n '2,8s/^# \{0,1\}//p' "$0"
  exit 2
  ;;
esac
