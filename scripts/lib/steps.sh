# Steps with a name: each is run, timed, logged, and counted at the end.
# Sourced after common.sh.
# shellcheck shell=bash

LOGS=$CARGO_TARGET_DIR/logs
PASSED=0 FAILED=0 SKIPPED=0
PROBLEMS=
SKIPS=

# step NAME COMMAND…: one thing that passes or fails.
step() {
  if run_logged "$@"; then PASSED=$((PASSED + 1)); else FAILED=$((FAILED + 1)); fi
}

# suite NAME COMMAND…: many things; their numbers are read from the log.
suite() {
  local failed_before=$FAILED ok=yes
  run_logged "$@" || ok=
  add_counts "$(log_of "$1")"
  if [ -z "$ok" ] && [ "$FAILED" = "$failed_before" ]; then FAILED=$((FAILED + 1)); fi
}

# skip NAME REASON: what this machine cannot do. In CI nothing may be skipped.
skip() {
  if [ "${CI:-}" = true ]; then
    printf '✗ %-28s %s\n' "$1" "$2"
    FAILED=$((FAILED + 1)) PROBLEMS="$PROBLEMS
  $1: $2"
    return
  fi
  printf -- '- %-28s skipped: %s\n' "$1" "$2"
  SKIPPED=$((SKIPPED + 1)) SKIPS="$SKIPS
  $1: $2"
}

log_of() { echo "$LOGS/$(printf '%s' "$1" | tr -c 'a-zA-Z0-9' '-').log"; }

run_logged() {
  local name=$1 log started code=0
  shift
  log=$(log_of "$name")
  mkdir -p "$LOGS"
  started=$SECONDS
  "$@" >"$log" 2>&1 || code=$?
  if [ "$code" = 0 ]; then
    printf '✓ %-28s %4ds\n' "$name" $((SECONDS - started))
    return
  fi
  printf '✗ %-28s %4ds\n' "$name" $((SECONDS - started))
  tail -n "${STEP_LINES:-40}" "$log" | sed 's/^/    /'
  PROBLEMS="$PROBLEMS
  $name: $log"
  return 1
}

# Adds up what cargo test, nextest, node --test and Playwright report.
add_counts() {
  local counts
  # Colours away first; then one line per report: passed failed skipped.
  counts=$(sed -E $'s/\x1b\\[[0-9;]*m//g' "$1" | awk '
    function number(word,   i) { for (i = 2; i <= NF; i++) if ($i ~ "^" word) return $(i - 1) + 0; return 0 }
    /^test result:/ { p += number("passed"); f += number("failed"); s += number("ignored") }
    /^ *Summary \[/ { p += number("passed"); f += number("failed") + number("timed"); s += number("skipped") }
    /^(#|ℹ) pass [0-9]+$/ { p += $3 }
    /^(#|ℹ) fail [0-9]+$/ { f += $3 }
    /^(#|ℹ) (skipped|todo) [0-9]+$/ { s += $3 }
    /^ +[0-9]+ passed( \(|$)/ { p += $1 }
    /^ +[0-9]+ (failed|interrupted|flaky)$/ { f += $1 }
    /^ +[0-9]+ (skipped|did not run)$/ { s += $1 }
    END { print p + 0, f + 0, s + 0 }')
  # shellcheck disable=SC2086
  set -- $counts
  PASSED=$((PASSED + $1)) FAILED=$((FAILED + $2)) SKIPPED=$((SKIPPED + $3))
  if [ "$3" -gt 0 ] && [ "${CI:-}" = true ]; then
    FAILED=$((FAILED + 1)) PROBLEMS="$PROBLEMS
  something was skipped: $LOGS"
  fi
}

# The end of a run: what to read, and the one line of numbers.
summary() {
  [ -z "$SKIPS" ] || printf '\nSkipped:%s\n' "$SKIPS"
  [ -z "$PROBLEMS" ] || printf '\nFailed (log):%s\n' "$PROBLEMS"
  printf '\n%d passed, %d failed, %d skipped\n' "$PASSED" "$FAILED" "$SKIPPED"
  [ "$FAILED" = 0 ]
}
