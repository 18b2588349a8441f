-- Sealing what is sealed under a newer key (`groundcrew secrets rewrap`): the wrapped data key is
-- exchanged, the value's ciphertext stays.
set local role groundcrew_owner;
grant update (nonce_sealed, pkce_verifier_sealed) on login_flow to groundcrew_app;
reset role;

-- A note is the record's: only whoever may erase notes may touch one, and here only the wrapped key
-- in front of the ciphertext. The layout is platform/src/secrets/seal.rs's.
set local role audit_owner;
create function audit.rewrap(n bigint, was bytea, becomes bytea) returns boolean
  language plpgsql security definer set search_path = pg_catalog, audit, pg_temp as $$
begin
  if substr(was, 3 + get_byte(was, 1) + 60) is distinct from substr(becomes, 3 + get_byte(becomes, 1) + 60) then
    raise invalid_parameter_value using message = 'a rewrap changes the wrapped key and nothing else';
  end if;
  update audit.note set body = becomes where seq = n and body = was;
  return found;
end $$;
revoke all on function audit.rewrap(bigint, bytea, bytea) from public;
grant execute on function audit.rewrap(bigint, bytea, bytea) to audit_eraser;
reset role;
