-- Jobs and what carries them out (RUNNER.md): stacks, jobs, steps, the queue, attempts, plans,
-- state, journal, logs, workers, leaders.
--
-- Only the database's clock decides about leases. History is never deleted but by retention;
-- `queue` holds live steps only, so that claiming stays fast however long the history is.
set role groundcrew_owner;

-- A worker: a process that runs attempts, with a token of its own. Bound to one pool.
create table worker (
  id uuid primary key,
  name text not null,
  pool text not null,
  token_hash bytea not null constraint worker_token unique,
  expires_at timestamptz not null,
  made_by uuid constraint worker_made_by references person,
  made_at timestamptz not null default now(),
  labels jsonb not null default '{}',
  capacity int not null default 1,
  version text not null default '',
  warnings text[] not null default '{}',
  skew_ms bigint not null default 0,
  running int not null default 0,
  load jsonb not null default '{}',
  first_seen_at timestamptz,
  last_seen_at timestamptz,
  last_claim_at timestamptz,
  lease_until timestamptz,
  drained_at timestamptz,
  revoked_at timestamptz,
  constraint worker_name check (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
  constraint worker_pool check (pool ~ '^[a-z][a-z0-9-]{0,39}$'),
  constraint worker_token_hash check (octet_length(token_hash) = 32),
  constraint worker_capacity check (capacity between 0 and 1024)
);
create unique index worker_name_live on worker (name) where revoked_at is null;

-- One per resource: who may change it now, and where its state stands.
create table stack (
  id uuid primary key,
  name text not null constraint stack_name unique,
  team text not null,
  environment text,
  epoch bigint not null default 0,
  holder_attempt uuid,
  lock_id text,
  lock_info text,
  state_lineage text,
  state_serial bigint,
  plan_key_sealed bytea,
  frozen_reason text,
  made_at timestamptz not null default now(),
  constraint stack_name_shape check (name ~ '^[a-z0-9][a-z0-9._/-]{0,127}$')
);

create table job (
  id uuid primary key,
  number bigint generated always as identity constraint job_number unique,
  title text not null,
  team text not null,
  environment text,
  pool text not null default 'default',
  background bool not null default false,
  -- Nothing else that changes its environment runs from its start to its end.
  exclusive bool not null default true,
  steps int not null,
  state text not null default 'queued',
  made_by uuid constraint job_made_by references person,
  made_via text not null,
  made_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  cancel text,
  cancel_by uuid constraint job_cancel_by references person,
  cancel_at timestamptz,
  retry_of uuid constraint job_retry_of references job,
  idempotency_key text,
  constraint job_idempotency unique (made_via, idempotency_key),
  constraint job_state check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'indeterminate')),
  constraint job_cancel check (cancel in ('interrupt', 'force')),
  constraint job_title check (char_length(title) between 1 and 200),
  constraint job_finished check ((finished_at is not null) = (state in ('succeeded', 'failed', 'cancelled')))
);
create index job_live on job (number) where finished_at is null;
create index job_of_state on job (state, number);
create index job_of_team on job (team, number);
create index job_of_person on job (made_by, number) where made_by is not null;
create index job_of_environment on job (environment, number) where environment is not null;
create index job_retries on job (retry_of) where retry_of is not null;
-- Claims ask first; this holds whatever they do.
create unique index job_holds_environment on job (environment)
  where exclusive and state in ('running', 'indeterminate');

create table step (
  id uuid primary key,
  job_id uuid not null constraint step_job references job on delete cascade,
  place int not null,
  level int not null default 0,
  name text not null,
  title text not null,
  driver text not null,
  operation text not null,
  class text not null,
  needs uuid[] not null default '{}',
  labels jsonb not null default '{}',
  stack_id uuid constraint step_stack references stack,
  spec jsonb not null,
  secrets_sealed bytea,
  -- The step that makes the plan this one carries out, maybe of the job this one repeats; and the
  -- plan a step made or is to carry out.
  plan_of uuid constraint step_plan_of references step,
  plan_id uuid,
  wall_s int not null default 1800,
  silence_s int not null default 900,
  grace_s int not null default 30,
  max_attempts int not null default 3,
  state text not null default 'waiting',
  attempts int not null default 0,
  ready_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  error_class text,
  error text,
  outputs jsonb,
  secret_outputs_sealed bytea,
  changes bool,
  constraint step_name unique (job_id, name),
  constraint step_place unique (job_id, place),
  constraint step_operation check (operation in ('plan', 'apply', 'destroy', 'drift', 'check', 'action', 'reconcile')),
  constraint step_class check (class in ('retry', 'once')),
  constraint step_once check (class = 'once' or operation in ('plan', 'drift', 'check', 'reconcile', 'action')),
  constraint step_state check (state in ('waiting', 'queued', 'running', 'succeeded', 'failed', 'skipped', 'cancelled', 'indeterminate')),
  constraint step_limits check (wall_s between 1 and 86400 and silence_s between 1 and 86400 and grace_s between 1 and 3600
    and max_attempts between 1 and 10)
);
create index step_live_of_stack on step (stack_id) where state in ('queued', 'running', 'indeterminate');

-- Live steps only: ready or backing off. A row leaves when its step is claimed and comes back when
-- it is tried again.
create table queue (
  step_id uuid primary key constraint queue_step references step on delete cascade,
  job_id uuid not null,
  team text not null,
  pool text not null,
  environment text,
  stack_id uuid,
  operation text not null,
  labels jsonb not null default '{}',
  background bool not null default false,
  exclusive bool not null default true,
  ready_at timestamptz not null default now(),
  seq bigint generated always as identity
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);
create index queue_order on queue (pool, team, background, seq);
create index queue_of_job on queue (job_id);

-- Virtual time of each team in each pool (start-time fair queueing): where the last step it was
-- given ends. The pool's time is the latest start of any; claims take the team that is furthest back.
create table team_share (
  team text not null,
  pool text not null,
  finish_tag double precision not null default 0,
  weight double precision not null default 1,
  primary key (pool, team),
  constraint team_share_weight check (weight > 0)
) with (fillfactor = 50);

-- How much may run at once. No row: no limit.
create table runner_limit (
  kind text not null,
  name text not null,
  most int not null,
  primary key (kind, name),
  constraint runner_limit_kind check (kind in ('team', 'pool', 'background')),
  constraint runner_limit_most check (most >= 0)
);

-- One try at a step. Never deleted.
create table attempt (
  id uuid primary key,
  step_id uuid not null constraint attempt_step references step on delete cascade,
  number int not null,
  worker_id uuid not null constraint attempt_worker references worker,
  token_hash bytea not null constraint attempt_token unique,
  epoch bigint,
  state text not null default 'running',
  claimed_at timestamptz not null default now(),
  lease_until timestamptz not null,
  deadline timestamptz not null,
  last_output_at timestamptz,
  process_started_at timestamptz,
  finished_at timestamptz,
  exit_code int,
  end_reason text,
  error_class text,
  error text,
  log_chunks bigint not null default 0,
  log_bytes bigint not null default 0,
  log_lines bigint not null default 0,
  log_sha256 bytea,
  journal_entries bigint not null default 0,
  phases jsonb not null default '[]',
  -- What it said at its last renewal and at the gate, for people.
  phase text,
  shim_pid int,
  constraint attempt_number unique (step_id, number),
  constraint attempt_state check (state in ('running', 'succeeded', 'failed', 'cancelled', 'lost', 'indeterminate')),
  constraint attempt_token_hash check (octet_length(token_hash) = 32),
  constraint attempt_finished check ((finished_at is null) = (state = 'running'))
);
create index attempt_live on attempt (lease_until) where state = 'running';
create index attempt_live_of_worker on attempt (worker_id) where state = 'running';

alter table stack add constraint stack_holder foreign key (holder_attempt) references attempt;

-- What a tool says it would do. Consumed once.
create table plan (
  id uuid primary key,
  stack_id uuid constraint plan_stack references stack,
  step_id uuid not null constraint plan_step references step on delete cascade,
  made_by_attempt uuid not null constraint plan_attempt unique references attempt,
  digest bytea not null,
  -- The state it was made from; where a stack has none, the epoch stands for it.
  based_on_serial bigint,
  based_on_epoch bigint,
  summary jsonb not null,
  model_sealed bytea not null,
  file_sha256 bytea,
  made_at timestamptz not null default now(),
  expires_at timestamptz not null,
  consumed_by_attempt uuid constraint plan_consumed_once unique references attempt,
  consumed_at timestamptz,
  constraint plan_digest check (octet_length(digest) = 32),
  constraint plan_consumed check ((consumed_by_attempt is null) = (consumed_at is null))
);
alter table step add constraint step_plan foreign key (plan_id) references plan;
create index plan_of_step on plan (step_id);

-- The tool's own file of a plan, put before the plan itself.
create table plan_file (
  attempt_id uuid primary key constraint plan_file_attempt references attempt on delete cascade,
  sha256 bytea not null,
  size int not null,
  sealed bytea not null,
  made_at timestamptz not null default now()
);
alter table plan_file alter column sealed set storage external;

-- Every version of a stack's state, sealed.
create table state_version (
  stack_id uuid not null constraint state_version_stack references stack,
  serial bigint not null,
  epoch bigint not null,
  lineage text not null,
  attempt_id uuid constraint state_version_attempt references attempt,
  sha256 bytea not null,
  size int not null,
  sealed bytea not null,
  made_at timestamptz not null default now(),
  constraint state_version_key primary key (stack_id, serial)
);

-- What the tool said it began and finished, per resource.
create table journal (
  attempt_id uuid not null constraint journal_attempt references attempt on delete cascade,
  seq bigint not null,
  address text not null,
  action text not null,
  phase text not null,
  id_value text,
  at timestamptz not null default now(),
  constraint journal_key primary key (attempt_id, seq),
  constraint journal_phase check (phase in ('start', 'complete', 'errored'))
);

-- What an attempt left behind as evidence: a late state, a report of a reconcile.
create table evidence (
  attempt_id uuid not null constraint evidence_attempt references attempt on delete cascade,
  name text not null,
  sha256 bytea not null,
  size int not null,
  sealed bytea not null,
  made_at timestamptz not null default now(),
  constraint evidence_key primary key (attempt_id, name),
  constraint evidence_name check (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$')
);

-- A report on a step whose end is not known: what a person decides on.
create table reconcile (
  step_id uuid primary key constraint reconcile_step references step on delete cascade,
  attempt_id uuid not null constraint reconcile_attempt references attempt,
  stack_id uuid constraint reconcile_stack references stack,
  job_id uuid constraint reconcile_job references job,
  report jsonb,
  plan_id uuid constraint reconcile_plan references plan,
  made_at timestamptz not null default now(),
  decided_at timestamptz,
  decided_by uuid constraint reconcile_decided_by references person,
  decision text,
  reason text,
  constraint reconcile_decision check (decision in ('accepted', 'resolved_succeeded', 'resolved_failed')),
  constraint reconcile_decided check ((decided_at is null) = (decision is null))
);

-- Log lines as they came, masked, gzipped; a day's partition is dropped when its time is over.
create table log_chunk (
  attempt_id uuid not null,
  seq bigint not null,
  day date not null,
  at timestamptz not null default now(),
  byte_offset bigint not null,
  raw_bytes int not null,
  first_line bigint not null,
  lines int not null,
  sha256 bytea not null,
  body bytea not null,
  constraint log_chunk_key primary key (attempt_id, seq, day)
) partition by range (day);
alter table log_chunk alter column body set storage external;
create index log_chunk_line on log_chunk (attempt_id, first_line, seq);
create table log_chunk_default partition of log_chunk default;

-- Singletons hold a row with a term; each write of theirs checks it.
create table leader (
  name text primary key,
  holder uuid not null,
  term bigint not null default 1,
  lease_until timestamptz not null
);

-- No change of these without an event in the same transaction (bookkeeping columns left out).
create constraint trigger worker_on_record
  after insert or update of name, pool, token_hash, expires_at, made_by, drained_at, revoked_at on worker
  deferrable initially deferred for each row execute function audit.required();
create constraint trigger job_on_record
  after insert or delete or update of state, cancel, finished_at on job
  deferrable initially deferred for each row execute function audit.required();
create constraint trigger stack_on_record
  after insert or delete or update of epoch, frozen_reason on stack
  deferrable initially deferred for each row execute function audit.required();
create constraint trigger attempt_on_record
  after insert or delete or update of state, epoch on attempt
  deferrable initially deferred for each row execute function audit.required();
create constraint trigger plan_on_record
  after insert or delete or update of consumed_by_attempt on plan
  deferrable initially deferred for each row execute function audit.required();
create constraint trigger reconcile_on_record
  after insert or delete or update of decision on reconcile
  deferrable initially deferred for each row execute function audit.required();

grant select, insert, update on worker, stack, job, step, attempt, plan, team_share, reconcile to groundcrew_app;
grant select, insert, update, delete on queue, leader, runner_limit to groundcrew_app;
grant select, insert on state_version, journal, evidence, plan_file to groundcrew_app;
-- Rewrapping keys changes what is sealed, nothing else; dropping a day's partition is the log's retention.
grant update (sealed) on state_version, evidence, plan_file to groundcrew_app;
grant select, insert, delete on log_chunk to groundcrew_app;

-- Making and dropping partitions needs the owner's rights: two functions that do only that.
create function log_partition(on_day date) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if on_day not between current_date - 1 and current_date + 7 then
    raise exception 'no partition for %: only from yesterday to a week ahead', on_day;
  end if;
  execute format('create table if not exists public.log_chunk_%s partition of public.log_chunk
    for values from (%L) to (%L)', to_char(on_day, 'YYYYMMDD'), on_day, on_day + 1);
end $$;
create function log_retire(before date) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  part record;
  dropped int := 0;
begin
  if before > current_date - 1 then
    raise exception 'logs of the last two days stay';
  end if;
  for part in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'public.log_chunk'::regclass and c.relname ~ '^log_chunk_[0-9]{8}$'
        and to_date(right(c.relname, 8), 'YYYYMMDD') < before
  loop
    execute format('drop table public.%I', part.relname);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;
revoke all on function log_partition(date), log_retire(date) from public;
grant execute on function log_partition(date), log_retire(date) to groundcrew_app;

reset role;
