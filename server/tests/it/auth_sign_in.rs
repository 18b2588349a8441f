//! Signing in, as it should go.

use sqlx::PgPool;

use crate::support::{self, Browser};

#[sqlx::test(migrations = "../migrations")]
async fn a_person_signs_in_and_is_known_by_role(db: PgPool) {
    let portal = support::portal(db).await;
    let mut browser = Browser::new(&portal);
    assert_eq!(browser.whoami().await.status, 401);
    let answer = browser.sign_in(&portal).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, Some("/")),
        "{answer:?}"
    );
    assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let who = browser.whoami().await;
    assert_eq!(who.status, 200);
    assert!(who.body.contains("Dana Developer"), "{}", who.body);
    assert!(
        who.body.contains(r#""payments":["developer"]"#),
        "{}",
        who.body
    );
    assert_eq!(
        browser.cookies.len(),
        1,
        "the flow's cookie is gone: {:?}",
        browser.cookies
    );
}
