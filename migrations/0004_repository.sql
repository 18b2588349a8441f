-- Which version of the platform repository was last seen, by whichever server saw it: one row, so
-- that several servers and every restart tell of a version once.
create table repository_standing (
  one bool primary key default true check (one),
  version text not null check (version ~ '^[0-9a-f]{64}$'),
  outcome text not null check (outcome in ('live', 'refused')),
  changed_at timestamptz not null default now()
);
grant select, insert, update on repository_standing to groundcrew_app;

-- The mapping of groups to roles never changes without an event.
create constraint trigger repository_standing_event
  after insert or update or delete on repository_standing
  deferrable initially deferred for each row execute function audit.required();
alter table repository_standing enable always trigger repository_standing_event;
