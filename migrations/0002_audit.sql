-- The audit chain (SECURITY.md section 6): an append-only table under a hash chain, functions that
-- are the only way in, and triggers that hold even for those who own the table.
--
-- Nothing here trusts the application: it may call append, enqueue and drain, and see no row.

create schema audit authorization audit_owner;
set local role audit_owner;

-- The head. One row; every writer locks it until commit, so there are no gaps and no forks.
create table audit.chain (
  one bool primary key default true check (one),
  id uuid not null,
  seq bigint not null check (seq >= 0),
  hash bytea not null check (octet_length(hash) = 32),
  xid xid8 not null default pg_current_xact_id()
);

-- Every column is under the hash or derived from what is.
create table audit.event (
  seq bigint primary key check (seq > 0),
  recorded_at timestamptz not null,
  canonical text not null check (octet_length(canonical) <= 16384),
  payload jsonb not null generated always as (canonical::jsonb) stored
    check (payload ?& array['v', 'id', 'at', 'action', 'outcome', 'actor']),
  prev_hash bytea not null check (octet_length(prev_hash) = 32),
  hash bytea not null check (octet_length(hash) = 32)
);
create unique index event_id on audit.event ((payload ->> 'id'));
create index event_recorded_at on audit.event (recorded_at);
create index event_action on audit.event ((payload ->> 'action'), seq);
create index event_actor on audit.event ((payload -> 'actor' ->> 'id'), seq);
create index event_target on audit.event ((payload -> 'target' ->> 'id'), seq);

-- Events that must not wait for the head; the leader drains them.
create table audit.pending (
  id bigint generated always as identity primary key,
  canonical text not null check (octet_length(canonical) <= 16384),
  note bytea,
  enqueued_at timestamptz not null default clock_timestamp(),
  xid xid8 not null default pg_current_xact_id()
);
create index pending_xid on audit.pending (xid);

-- Personal data, sealed under a key the database does not hold; the event commits to it by hash.
create table audit.note (
  seq bigint primary key references audit.event,
  body bytea not null
);

-- RFC 8785, narrowed. Refuses what the form does not know; platform/src/audit/vectors.json holds
-- Rust, this function and Python equal.
create function audit.canonical(j jsonb, depth int default 1) returns text
language plpgsql immutable strict as $$
declare
  t text := jsonb_typeof(j);
  s text;
begin
  if t = 'string' then
    return to_json(j #>> '{}')::text;
  elsif t = 'boolean' then
    return j::text;
  elsif t = 'number' then
    s := j::text;
    if s ~ '^-?[0-9]{1,16}$' and s::bigint between -9007199254740991 and 9007199254740991 then
      return s;
    end if;
    raise data_exception using message = 'canonical form: ' || left(s, 40) || ' is no safe integer';
  elsif t = 'null' then
    raise data_exception using message = 'canonical form: no null, leave the key out';
  elsif depth > 8 then
    raise data_exception using message = 'canonical form: deeper than 8';
  elsif t = 'array' then
    select '[' || coalesce(string_agg(audit.canonical(e.value, depth + 1), ',' order by e.n), '') || ']'
      into s from jsonb_array_elements(j) with ordinality as e (value, n);
    return s;
  end if;
  if exists (select from jsonb_object_keys(j) as k where k !~ '^[a-z][a-z0-9_]*$') then
    raise data_exception using message = 'canonical form: a key is not [a-z][a-z0-9_]*';
  end if;
  select '{' || coalesce(string_agg('"' || e.key || '":' || audit.canonical(e.value, depth + 1), ','
    order by e.key collate "C"), '') || '}' into s from jsonb_each(j) as e;
  return s;
end $$;

create function audit.hash_of(chain uuid, n bigint, at timestamptz, prev bytea, c text) returns bytea
language sql immutable as $$
  select sha256('groundcrew-audit-v1'::bytea || '\x00'::bytea || uuid_send(chain) || int8send(n)
    || int8send((extract(epoch from at) * 1000000)::bigint) || prev || sha256(convert_to(c, 'UTF8')))
$$;

create function audit.refuse_uncanonical(c text) returns void
language plpgsql immutable as $$
begin
  if octet_length(c) > 16384 then
    raise data_exception using message = 'audit event over 16 KiB';
  end if;
  if c is distinct from audit.canonical(c::jsonb) then
    raise data_exception using message = 'audit event is not in canonical form';
  end if;
end $$;

create function audit.append(c text, note bytea default null) returns bigint
language plpgsql security definer set search_path = pg_catalog, audit, pg_temp as $$
declare
  h audit.chain;
  at timestamptz;
  x bytea;
begin
  perform audit.refuse_uncanonical(c);
  select * into strict h from audit.chain for update;  -- one writer until commit: no gaps, no forks
  at := clock_timestamp();
  x := audit.hash_of(h.id, h.seq + 1, at, h.hash, c);
  insert into audit.event values (h.seq + 1, at, c, default, h.hash, x);
  if note is not null then
    insert into audit.note values (h.seq + 1, note);
  end if;
  update audit.chain set seq = h.seq + 1, hash = x, xid = pg_current_xact_id();
  return h.seq + 1;
end $$;

create function audit.enqueue(c text, note bytea default null) returns void
language plpgsql security definer set search_path = pg_catalog, audit, pg_temp as $$
begin
  perform audit.refuse_uncanonical(c);
  insert into audit.pending (canonical, note) values (c, note);
end $$;

-- Moves the n oldest waiting events into the chain; answers how many it moved.
create function audit.drain(n int) returns int
language plpgsql security definer set search_path = pg_catalog, audit, pg_temp as $$
declare
  p audit.pending;
  moved int := 0;
begin
  if n not between 1 and 200 then
    raise invalid_parameter_value using message = 'drain takes 1 to 200';
  end if;
  if not exists (select from audit.pending) then
    return 0;
  end if;
  perform from audit.chain for update;
  for p in select * from audit.pending order by id limit n loop
    perform audit.append(p.canonical, p.note);
    delete from audit.pending where id = p.id;
    moved := moved + 1;
  end loop;
  return moved;
end $$;

-- Erases a note; the erasure is an event itself.
create function audit.erase(n bigint, c text) returns bigint
language plpgsql security definer set search_path = pg_catalog, audit, pg_temp as $$
begin
  if c::jsonb ->> 'action' is distinct from 'audit.note_erased'
    or c::jsonb -> 'target' ->> 'id' is distinct from n::text then
    raise invalid_parameter_value using message = 'the event does not say which note is erased';
  end if;
  delete from audit.note where seq = n;
  if not found then
    raise no_data_found using message = 'event ' || n || ' has no note';
  end if;
  return audit.append(c);
end $$;

-- For deferred constraint triggers on guarded tables: a commit that changes them without an event
-- fails.
create function audit.required() returns trigger
language plpgsql security definer set search_path = pg_catalog, audit, pg_temp as $$
begin
  if exists (select from audit.chain where xid = pg_current_xact_id())
    or exists (select from audit.pending where xid = pg_current_xact_id()) then
    return null;
  end if;
  raise exception 'change of % without an audit event', tg_table_name;
end $$;

create function audit.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'audit.% is append-only: % refused', tg_table_name, lower(tg_op)
    using errcode = 'insufficient_privilege';
end $$;

create function audit.head_moves_by_one() returns trigger language plpgsql as $$
begin
  if new.id = old.id and new.seq = old.seq + 1 and exists (select from audit.event
    where seq = new.seq and hash = new.hash and prev_hash = old.hash) then
    return new;
  end if;
  raise exception 'audit.chain moves by one, onto an existing event'
    using errcode = 'insufficient_privilege';
end $$;

create trigger append_only before update or delete or truncate on audit.event
  for each statement execute function audit.refuse();
create trigger append_only before delete or truncate on audit.chain
  for each statement execute function audit.refuse();
create trigger moves_by_one before update on audit.chain
  for each row execute function audit.head_moves_by_one();
-- Plain triggers are skipped under session_replication_role = replica.
alter table audit.event enable always trigger append_only;
alter table audit.chain enable always trigger append_only;
alter table audit.chain enable always trigger moves_by_one;

insert into audit.chain (id, seq, hash)
  select id, 0, sha256('groundcrew-audit-v1'::bytea || '\x00'::bytea || uuid_send(id) || 'genesis'::bytea)
  from gen_random_uuid() as id;

revoke all on schema audit from public;
revoke all on all tables in schema audit from public;
revoke all on all functions in schema audit from public;
grant usage on schema audit to groundcrew_owner, groundcrew_app, audit_reader, audit_signer, audit_eraser;
grant execute on function audit.required() to groundcrew_owner;
grant execute on function audit.append(text, bytea), audit.enqueue(text, bytea), audit.drain(int)
  to groundcrew_app;
grant select on all tables in schema audit to audit_reader;
grant select on audit.chain to audit_signer;
grant select (seq, hash) on audit.event to audit_signer;
grant execute on function audit.erase(bigint, text) to audit_eraser;

reset role;

-- Checkpoints the portal has seen published, signature checked; for the badge and for proofs in
-- exports. Nothing is proven by this table: whoever checks the chain brings checkpoints from outside.
set local role groundcrew_owner;
create table public.audit_checkpoint (
  size bigint primary key check (size >= 0),
  root bytea not null check (octet_length(root) = 32),
  note text not null,
  local bool not null,  -- signed on this very server, which binds nobody who is root there
  seen_at timestamptz not null default now()
);
grant select, insert, update on public.audit_checkpoint to groundcrew_app;
reset role;
