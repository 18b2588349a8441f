# What the fault harness needs: the release binary of the product, the harness,
# and where Debian has it the library that moves a clock. Sourced after common.sh.
# shellcheck shell=bash

prepare_faults() {
  if [ -z "${GROUNDCREW_BIN:-}" ]; then
    scripts/setup
    scripts/build-site
    cargo build --quiet --release --package server
    export GROUNDCREW_BIN=$CARGO_TARGET_DIR/release/groundcrew
  fi
  cargo build --quiet --package faults
  compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null ||
    apt_install libfaketime ||
    note "no libfaketime: the fault of a wrong clock is skipped"
}

faults() {
  local name=$1
  shift
  local options=()
  [ -z "${KEEP:-}" ] || options+=(--keep)
  "$CARGO_TARGET_DIR/debug/faults" ${options[@]+"${options[@]}"} "$name" "$@"
}
