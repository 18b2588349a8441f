-- Roles and the ground rules of this database (SECURITY.md section 6, Roles).
--
-- Roles belong to the whole cluster, and several databases of one cluster may migrate at once: a
-- role is made only where it is missing, and losing that race is no error. All are groups without
-- a log-in; the log-ins (`DATABASE_URL` and its siblings) are made by whoever runs the cluster and
-- granted exactly one of them:
--   audit_owner       owns the schema audit; nobody logs in as it or is it between migrations
--   groundcrew_owner  migrations
--   groundcrew_app    what the portal runs as
--   audit_reader      reads the chain, for the Audit page and its verification
--   audit_signer      reads heads and hashes, to sign checkpoints
--   audit_eraser      erases notes
do $$
declare
  name text;
begin
  foreach name in array array['audit_owner', 'groundcrew_owner', 'groundcrew_app', 'audit_reader',
    'audit_signer', 'audit_eraser'] loop
    if not exists (select from pg_roles where rolname = name) then
      begin
        execute format('create role %I nologin', name);
      exception
        when duplicate_object or unique_violation then null;
        when insufficient_privilege then
          raise insufficient_privilege using
            message = format('role %s is missing, and %s may not make roles', name, current_user),
            hint = format('As a superuser: create role %I nologin; '
              'or: alter role %I createrole;', name, current_user);
      end;
    end if;
  end loop;
end $$;

-- Whoever migrates makes the schema audit for its owner, so must be a member of it.
do $$
declare
  name text;
begin
  if (select rolsuper from pg_roles where rolname = current_user) then
    return;
  end if;
  foreach name in array array['audit_owner', 'groundcrew_owner'] loop
    begin
      execute format('grant %I to %I', name, current_user);
    exception
      when duplicate_object or unique_violation or internal_error then null;  -- made meanwhile
      when insufficient_privilege then
        if not pg_has_role(current_user, name, 'member') then
          raise insufficient_privilege using
            message = format('%s is not a member of %s, and may not become one', current_user, name),
            hint = format('As a superuser: grant %I to %I;', name, current_user);
        end if;
    end;
  end loop;
end $$;

-- First everything is taken from everybody, then each role gets what it needs, by name.
do $$
begin
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to groundcrew_owner, groundcrew_app, audit_reader, '
    'audit_signer, audit_eraser', current_database());
  execute format('grant create on database %I to groundcrew_owner', current_database());
end $$;
revoke all on schema public from public;
grant usage, create on schema public to groundcrew_owner;
grant usage on schema public to groundcrew_app;
alter default privileges for role audit_owner revoke execute on functions from public;

-- The portal compares the versions it finds with those it knows.
do $$
begin
  if to_regclass('public._sqlx_migrations') is not null then
    grant select on public._sqlx_migrations to groundcrew_app;
  end if;
end $$;
