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
