-- Refused acts of the running minute. The first of an actor, act, object and minute is an event at
-- once; the others are counted here, and become one event when the minute is over. So a flood of
-- refusals neither floods the chain nor stays off the record, however many servers it hits.
set local role groundcrew_owner;
create table denial (
  actor text not null,
  act text not null,
  object text not null,
  minute timestamptz not null default date_trunc('minute', now()),
  count int not null default 1 check (count > 0),
  first text not null,  -- the first event in canonical form, without its note
  primary key (actor, minute, act, object)
);
create index denial_minute on denial (minute);
grant select, insert, update, delete on denial to groundcrew_app;
reset role;

-- Verifications of the audit chain: asked for by a person or by the clock, done by whichever server
-- claims it, one at a time. The outcome is an audit event too; this is what pages show meanwhile.
set local role groundcrew_owner;
create table audit_verification (
  id uuid primary key,
  asked_by uuid,                 -- a person; none: the portal itself
  asked_at timestamptz not null default now(),
  state text not null default 'waiting',
  begun_at timestamptz,
  beat_at timestamptz,           -- whoever does it says so; silent for a minute means it is not done
  done bigint not null default 0,
  events bigint not null default 0,
  ended_at timestamptz,
  covered bigint not null default 0,
  first_bad bigint,
  why text,
  constraint audit_verification_state check (state in ('waiting', 'running', 'sound', 'broken', 'failed')),
  constraint audit_verification_ended check ((ended_at is null) = (state in ('waiting', 'running')))
);
create unique index audit_verification_one on audit_verification ((true)) where state in ('waiting', 'running');
create index audit_verification_asked on audit_verification (asked_at);
grant select, insert, update, delete on audit_verification to groundcrew_app;
reset role;
