//! Appending, enqueueing, and what guards them.

use sqlx::PgPool;

use super::{SYSTEM, cx};
use crate::audit::{
    canonical, chain,
    event::{Event, Kind, Outcome},
    note, ops,
};

#[sqlx::test(migrations = "../migrations")]
async fn an_appended_event_hashes_as_the_chain_says(db: PgPool) {
    let cx = cx(&db, SYSTEM);
    let event = Event::new(&cx, Kind::SignOut, Outcome::Success)
        .on("session", "s-1")
        .with("reason", "idle")
        .noting("agent", "Rosa's browser");
    let mut tx = cx.begin().await.expect("begins");
    assert_eq!(ops::append(&cx, &mut tx, &event).await, Ok(1));
    tx.commit().await.expect("commits");
    let row = sqlx::query!(
        r#"select e.canonical, e.prev_hash, e.hash, n.body, c.id, c.seq as head, c.hash as head_hash,
             (extract(epoch from e.recorded_at) * 1000000)::bigint as "micros!"
           from audit.event e join audit.note n using (seq), audit.chain c"#
    )
    .fetch_one(&db)
    .await
    .expect("one event");
    let genesis = chain::genesis(row.id);
    assert_eq!(row.prev_hash, genesis);
    let hash = chain::hash(row.id, 1, row.micros, &genesis, &row.canonical);
    assert_eq!(row.hash, hash);
    assert_eq!((row.head, row.head_hash), (1, hash.to_vec()));
    let value = canonical::parse(&row.canonical).expect("canonical");
    assert_eq!(value.text_at(&["detail", "reason"]), Some("idle"));
    let (text, commitment) = note::open(&cx.keys, &event.id.to_string(), &row.body).expect("opens");
    assert_eq!(text, r#"{"agent":"Rosa's browser"}"#);
    assert_eq!(
        value.text_at(&["note"]),
        Some(&*hex::encode(commitment)),
        "the event commits to its note"
    );
}
