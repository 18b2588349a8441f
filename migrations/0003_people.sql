-- People, sign-in and sessions (SECURITY.md section 2).
--
-- Only an identity provider signs people in. A session says who; roles are computed per request
-- from the recorded groups and the mapping as it stands. Nothing here is a secret in clear: ids and
-- states are hashes, tokens and verifiers are sealed.
set role groundcrew_owner;

-- A person is one (issuer, subject); name and e-mail are display and never match anybody.
create table person (
  id uuid primary key,
  iss text not null,
  sub text not null,
  name text not null,
  email text,
  groups text[] not null default '{}',
  groups_claim text not null,
  roles_seen text[] not null default '{}',
  first_seen_at timestamptz not null default now(),
  last_sign_in_at timestamptz not null default now(),
  disabled_at timestamptz,
  disabled_by uuid constraint person_disabled_by references person,
  constraint person_identity unique (iss, sub),
  constraint person_groups_claim check (groups_claim in ('present', 'missing', 'wrong_type', 'too_many')),
  constraint person_disabled check ((disabled_at is null) = (disabled_by is null)),
  constraint person_name_length check (char_length(name) between 1 and 200)
);
create index person_name on person (lower(name) text_pattern_ops);

-- One row a flow: made by the start, taken by the callback, useless after ten minutes.
create table login_flow (
  state_hash bytea primary key,
  browser_hash bytea not null,
  issuer text not null,
  nonce_sealed bytea not null,
  pkce_verifier_sealed bytea not null,
  return_to text not null,
  purpose text,
  session_label uuid,
  created_at timestamptz not null default now(),
  constraint login_flow_hashes check (octet_length(state_hash) = 32 and octet_length(browser_hash) = 32),
  constraint login_flow_step_up check ((purpose is null) = (session_label is null)),
  constraint login_flow_return_to check (return_to like '/%' and octet_length(return_to) <= 2048)
);
create index login_flow_browser on login_flow (browser_hash);
create index login_flow_created on login_flow (created_at);

-- SHA-256 of the id in the cookie; logs, events and pages use the label.
create table session (
  id_hash bytea primary key,
  label uuid not null,
  person_id uuid not null constraint session_person references person,
  issuer text not null,
  iss text not null,
  sub text not null,
  sid text,
  auth_time timestamptz,
  acr text,
  amr text[] not null default '{}',
  id_token_sealed bytea not null,
  ip text,
  agent text,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  absolute_until timestamptz not null default now() + interval '12 hours',
  revoked_at timestamptz,
  revoked_why text,
  constraint session_label unique (label),
  constraint session_id_hash check (octet_length(id_hash) = 32),
  constraint session_revoked check ((revoked_at is null) = (revoked_why is null)),
  constraint session_revoked_why check (revoked_why in ('sign_out', 'ended', 'replaced', 'step_up', 'limit',
    'disabled', 'issuer_gone', 'provider'))
);
create index session_of_person on session (person_id) where revoked_at is null;
create index session_of_sid on session (iss, sid) where revoked_at is null;
create index session_of_sub on session (iss, sub) where revoked_at is null;
create index session_absolute_until on session (absolute_until);

-- A fresh sign-in for one purpose (action, object, plan digest), good for five minutes and once.
create table step_up_grant (
  session_label uuid not null constraint step_up_grant_session references session (label) on delete cascade,
  purpose text not null,
  granted_at timestamptz not null default now(),
  primary key (session_label, purpose)
);

-- Logouts the provider told us of. `jti` is accepted once; a sign-in that a logout overtook is refused.
create table provider_logout (
  iss text not null,
  jti text not null,
  sid text,
  sub text,
  issued_at timestamptz not null,
  received_at timestamptz not null default now(),
  constraint provider_logout_once primary key (iss, jti),
  constraint provider_logout_whom check (sid is not null or sub is not null)
);
create index provider_logout_sid on provider_logout (iss, sid) where sid is not null;
create index provider_logout_sub on provider_logout (iss, sub) where sub is not null;
create index provider_logout_received on provider_logout (received_at);

-- The state a browser brings back from the provider's sign-out page; nothing hangs on it.
create table sign_out_return (
  state_hash bytea primary key,
  created_at timestamptz not null default now(),
  constraint sign_out_return_hash check (octet_length(state_hash) = 32)
);

-- Attempts per address or issuer and minute, shared by all nodes.
create table sign_in_attempt (
  kind text not null,
  key text not null,
  minute timestamptz not null,
  count integer not null default 1,
  primary key (kind, key, minute),
  constraint sign_in_attempt_kind check (kind in ('start', 'failed_callback', 'back_channel'))
);
create index sign_in_attempt_minute on sign_in_attempt (minute);

-- No change of these without an event in the same transaction. Left out: bookkeeping (last seen,
-- display names refreshed at a sign-in whose session row carries the event) and what dies by itself.
create constraint trigger person_on_record
  after insert or delete or update of iss, sub, groups, groups_claim, roles_seen, disabled_at, disabled_by on person
  deferrable initially deferred for each row execute function audit.required();
create constraint trigger session_on_record
  after insert or update of id_hash, label, person_id, issuer, iss, sub, sid, auth_time, acr, amr, id_token_sealed,
    created_at, absolute_until, revoked_at, revoked_why on session
  deferrable initially deferred for each row execute function audit.required();
create constraint trigger step_up_grant_on_record
  after insert or update on step_up_grant
  deferrable initially deferred for each row execute function audit.required();
create constraint trigger provider_logout_on_record
  after insert or update on provider_logout
  deferrable initially deferred for each row execute function audit.required();

grant select, insert, update on person to groundcrew_app;
grant select, insert, delete on login_flow, sign_out_return, provider_logout, step_up_grant to groundcrew_app;
grant select, insert, update, delete on session, sign_in_attempt to groundcrew_app;

reset role;
