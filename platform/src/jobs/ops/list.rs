//! The list of jobs, a page at a time.

use uuid::Uuid;

use crate::{
    Cx,
    cx::Tx,
    error::{Error, Result},
    jobs::{
        Cancel, JobState,
        view::{Cursor, Filter, Listed, Page},
    },
    policy::Action,
};

/// Jobs that match, newest first; at most 200 a page. Costs the same however many there were.
pub async fn list(cx: &Cx, filter: &Filter, cursor: Cursor, size: u8) -> Result<Page> {
    cx.may(Action::JobList).await?;
    if let Some(text) = &filter.text
        && (text.contains('\0') || text.chars().count() > 100)
    {
        return Err(Error::invalid("text", "at most 100 characters"));
    }
    let size = usize::from(size.clamp(1, 200));
    let mut tx = cx.begin().await?;
    // A plan for the filter at hand: one for all filters would use no index.
    sqlx::query("set local plan_cache_mode = force_custom_plan")
        .execute(&mut *tx)
        .await?;
    let mut numbers = numbers(cx, &mut tx, filter, cursor, size).await?;
    let more = numbers.len() > size;
    numbers.truncate(size);
    let jobs = listed(&mut tx, &numbers).await?;
    let live =
        sqlx::query_scalar!(r#"select count(*) as "live!" from job where finished_at is null"#)
            .fetch_one(&mut *tx)
            .await?;
    let newer_asked = matches!(cursor, Cursor::NewerThan(_));
    Ok(Page {
        jobs,
        older: newer_asked || more,
        newer: if newer_asked {
            more
        } else {
            cursor != Cursor::Newest
        },
        live,
    })
}

/// Numbers of the jobs that match, one more than asked for; oldest first where the cursor says newer.
async fn numbers(
    cx: &Cx,
    tx: &mut Tx,
    filter: &Filter,
    cursor: Cursor,
    size: usize,
) -> Result<Vec<i64>> {
    let (below, above) = match cursor {
        Cursor::Newest => (None, None),
        Cursor::OlderThan(number) => (Some(number), None),
        Cursor::NewerThan(number) => (None, Some(number)),
    };
    let me = cx.actor.person().map_or(Uuid::nil(), |person| person.id.0);
    let mine = filter.mine.then_some(me);
    let text = filter
        .text
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let most = i64::try_from(size).unwrap_or(200) + 1;
    macro_rules! matching {
        ($order:literal) => {
            sqlx::query_scalar!(
                "select number from job
                 where ($1::text is null or state = $1) and (not $2 or finished_at is null)
                   and ($3::text is null or team = $3) and ($4::text is null or environment = $4)
                   and ($5::uuid is null or made_by = $5)
                   and ($6::text is null or strpos(lower(title), lower($6)) > 0
                     and number > (select max(number) from job) - 20000)
                   and ($7::bigint is null or number < $7) and ($8::bigint is null or number > $8)
                 order by number " + $order + " limit $9",
                filter.state.map(JobState::name),
                filter.live,
                filter.team,
                filter.environment,
                mine,
                text,
                below,
                above,
                most
            )
        };
    }
    Ok(if above.is_some() {
        matching!("asc").fetch_all(&mut **tx).await?
    } else {
        matching!("desc").fetch_all(&mut **tx).await?
    })
}

/// These jobs as the list shows them, newest first.
pub(super) async fn listed(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<Listed>> {
    let rows = sqlx::query!(
        r#"select j.id, j.number, j.title, j.team, j.environment, j.state, j.cancel, j.steps,
             p.name as "made_by?", j.made_at as "made_at: jiff_sqlx::Timestamp",
             j.started_at as "started_at: jiff_sqlx::Timestamp",
             j.finished_at as "finished_at: jiff_sqlx::Timestamp",
             case when j.finished_at is not null and j.state = 'succeeded' then j.steps else
               (select count(*) from step s where s.job_id = j.id and s.finished_at is not null) end as "done!",
             case when j.state <> 'succeeded' then (select s.name from step s where s.job_id = j.id
                 and s.state in ('running', 'indeterminate', 'failed')
               order by array_position(array['indeterminate', 'running', 'failed'], s.state), s.place
               limit 1) end as at
           from job j left join person p on p.id = j.made_by
           where j.number = any($1) order by j.number desc"#,
        numbers
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Listed {
            id: row.id,
            number: row.number,
            title: row.title,
            team: row.team,
            environment: row.environment,
            state: JobState::parse(&row.state).unwrap_or(JobState::Running),
            cancel: row.cancel.as_deref().and_then(Cancel::parse),
            made_by: row.made_by,
            made_at: row.made_at.to_jiff(),
            started_at: row.started_at.map(jiff_sqlx::Timestamp::to_jiff),
            finished_at: row.finished_at.map(jiff_sqlx::Timestamp::to_jiff),
            steps: row.steps.into(),
            done: row.done,
            at: row.at,
        })
        .collect())
}
