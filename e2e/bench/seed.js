// Fills the audit chain through its only door, audit.append, with copies of the events that
// sign-ins have left, each with an id of its own.
import { applicationDatabase, findCluster, sql } from "../support/database.js";

const BATCH = 500;

/** @param {string} data @param {number} count @returns {number} seconds it took */
export function appendEvents(data, count) {
  const cluster = findCluster(data);
  const database = applicationDatabase(cluster);
  const from = performance.now();
  // One transaction per batch, as the head is one row and every version of it stays until commit.
  sql(cluster, database, `do $$
    declare templates text[];
    begin
      select array_agg(canonical order by seq) into templates from audit.event;
      for batch in 1 .. ${Math.ceil(count / BATCH)} loop
        perform audit.append(replace(template, template::jsonb ->> 'id', gen_random_uuid()::text))
          from generate_series(1, ${BATCH}) n,
            lateral (select templates[1 + n % array_length(templates, 1)] as template) t;
        commit;
      end loop;
    end $$`);
  sql(cluster, database, "vacuum analyze audit.event");
  return Math.round((performance.now() - from) / 100) / 10;
}
