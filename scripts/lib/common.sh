# Shared by every script: where things live, how we speak, what runs at exit.
# Sourced, never run. Needs bash 3.2 or newer, so that macOS will do.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
# Tools that are built once and used by every checkout live outside of it.
CACHE=${GROUNDCREW_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/groundcrew}
STAMPS=$CARGO_TARGET_DIR/setup
# rustup and the tools of this project, also where a shell did not set them up.
PATH=$CACHE/bin:$PATH:$HOME/.cargo/bin
cd "$ROOT" || exit 1
# Set by setup-wasm-debian where rustup could not bring the wasm32 target.
if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && [ -s "$STAMPS/toolchain" ]; then
  RUSTUP_TOOLCHAIN=$(cat "$STAMPS/toolchain")
  export RUSTUP_TOOLCHAIN
fi

say()  { printf '%s\n' "· $*"; }
note() { printf '%s\n' "  $*"; }
warn() { printf '%s\n' "! $*" >&2; }
die() {
  printf '%s\n' "✗ $1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }

# Runs its argument when the script ends, last registered first.
EXIT_STEPS=
on_exit() {
  EXIT_STEPS="$1
$EXIT_STEPS"
  trap run_exit_steps EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}
run_exit_steps() {
  local code=$?
  trap - EXIT
  eval "$EXIT_STEPS"
  exit "$code"
}

digest() {
  if have sha256sum; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# fresh NAME FILE…: true when the step NAME was stamped with these very files.
fresh() { [ "$(cat "$STAMPS/$1" 2>/dev/null)" = "$(shift; digest "$@" 2>/dev/null)" ]; }
stamp() {
  mkdir -p "$STAMPS"
  local name=$1
  shift
  digest "$@" >"$STAMPS/$name"
}

# Debian packages, only as root and only what is missing; false when it cannot.
apt_install() {
  have apt-get && is_root || return 1
  local log=$STAMPS/apt.log
  mkdir -p "$STAMPS"
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 && return
  # A package list that is old or missing is the usual reason: refresh it once.
  apt-get update >>"$log" 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1 && return
  tail -n 5 "$log" >&2
  return 1
}

# free_port N: N itself, or the next port above that nothing listens on.
free_port() {
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}
