# The static checks, for `make check` and `make test`. Sourced after steps.sh.
# shellcheck shell=bash

all_checks() {
  step "format" cargo fmt --all --check
  step "clippy" cargo clippy --quiet --workspace --all-targets -- -D warnings
  step "clippy, wasm" cargo clippy --quiet --package app --lib --target wasm32-unknown-unknown -- -D warnings
  step "query data" env -u DATABASE_URL scripts/sqlx-prepare --check
  step "the rooms" cargo test --quiet --package server --test it rooms
  with cargo-deny "licences, bans, sources" cargo deny --locked check licenses bans sources
  if have cargo-deny; then advisories; fi
  with cargo-machete "unused dependencies" cargo machete --skip-target-dir
  with typos "spelling" typos
  with shellcheck "shell scripts" shellcheck --external-sources .ci/run $(shell_scripts)
}

# with TOOL NAME COMMAND…: a step that needs a tool which may be absent.
with() {
  local tool=$1 name=$2
  shift 2
  if have "$tool"; then step "$name" "$@"; else skip "$name" "$tool is not installed and could not be"; fi
}

# Known vulnerabilities: no database, no answer, and no pretence of one.
advisories() {
  local log
  log=$(log_of advisories)
  mkdir -p "$LOGS"
  if cargo deny --locked check advisories >"$log" 2>&1; then
    step "advisories" true
  elif grep -q 'failed to fetch advisory database' "$log"; then
    printf '? %-28s unknown: the advisory database cannot be reached from here\n' "advisories"
  else
    step "advisories" cargo deny --locked check advisories
  fi
}

shell_scripts() { grep -lE '^#!.*bash' scripts/*; }
