# The demo identity provider and the settings a company would write for its
# own. Sourced after common.sh.
# shellcheck shell=bash

# demo_settings DATA IDP_PORT: writes the client secret and the issuers file,
# once; prints the path of the issuers file.
demo_settings() {
  local data=$1 port=$2 secret=$1/client-secret
  if [ ! -s "$secret" ]; then
    (umask 077 && node -e 'process.stdout.write(require("crypto").randomBytes(32).toString("base64url"))' >"$secret")
  fi
  cat >"$data/issuers.yaml" <<YAML
# Identity providers people may sign in with (docs/operations.md).
- id: demo
  title: Demo sign-in
  issuer: http://localhost:$port
  client_id: groundcrew
  client_secret_file: $secret
  acr_values: ["urn:groundcrew:mfa"]
YAML
  echo "$data/issuers.yaml"
}

# start_idp DATA IDP_PORT PORTAL_URL: sets IDP_PID; stopped at exit.
start_idp() {
  local data=$1 port=$2 url=$3
  mkdir -p "$data/idp"
  node e2e/idp/main.js --port "$port" --data "$data/idp" --client-secret-file "$data/client-secret" \
    --redirect-uri "$url/auth/callback/demo" --post-logout-uri "$url/auth/signed-out" \
    --backchannel-logout-uri "$url/auth/backchannel/demo" >"$data/idp.log" 2>&1 &
  IDP_PID=$!
  on_exit 'stop_process "$IDP_PID"'
  wait_for "$IDP_PID" "http://localhost:$port/.well-known/openid-configuration" 30 ||
    die "The demo identity provider did not start." "$(tail -n 3 "$data/idp.log")"
}

# wait_for PID URL SECONDS: until URL answers 200; false when PID ended before.
wait_for() {
  local pid=$1 url=$2 deadline=$((SECONDS + $3))
  while ! curl_ok "$url"; do
    kill -0 "$pid" 2>/dev/null || return 1
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.3
  done
}
curl_ok() {
  if have curl; then
    curl --noproxy '*' --silent --fail --output /dev/null --max-time 2 "$1"
  else
    node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "$1"
  fi
}

stop_process() {
  kill -TERM "$1" 2>/dev/null || return 0
  wait "$1" 2>/dev/null || true
}
