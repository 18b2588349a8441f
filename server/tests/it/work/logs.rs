//! Streams and downloads of a log, as a browser asks for them.

use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use futures::StreamExt as _;
use platform::jobs::wire::{Assignment, Start};
use sqlx::PgPool;

use super::machine::{Machine, echo, success, whole, worker};
use crate::support::{Browser, Portal, signed_in};

/// An attempt that runs, and its shim.
async fn running(portal: &Portal) -> (Assignment, Machine) {
    let worker = worker(portal, "w", "default").await;
    echo(portal, "default").await;
    let assigned = worker.claim(1, 0).await.remove(0);
    let shim = worker.with(&assigned.token);
    let path = format!("/work/v1/attempts/{}/start", assigned.attempt);
    assert_eq!(
        shim.json(&path, &Start { shim_pid: 1 }).await.status,
        StatusCode::OK
    );
    (assigned, shim)
}

async fn append(shim: &Machine, assigned: &Assignment, seq: i64, text: &str) {
    let path = format!("/work/v1/attempts/{}/log/{seq}", assigned.attempt);
    let answer = shim.call("PUT", &path, text.to_owned()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
}

/// A stream that is read event by event.
struct Events {
    body: axum::body::BodyDataStream,
    held: String,
}

#[derive(Debug, PartialEq, Eq)]
struct Event {
    kind: String,
    id: String,
    data: String,
}

impl Events {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.held.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().trim().to_owned()
                };
                let found = Event {
                    kind: field("event:"),
                    id: field("id:"),
                    data: field("data:"),
                };
                self.held = rest.into();
                if !found.kind.is_empty() {
                    return Some(found);
                }
                continue;
            }
            let piece = self.body.next().await?.ok()?;
            self.held
                .push_str(std::str::from_utf8(&piece).expect("text"));
        }
    }

    async fn soon(&mut self) -> Option<Event> {
        tokio::time::timeout(Duration::from_secs(10), self.next())
            .await
            .expect("within ten seconds")
    }
}

async fn follow(
    browser: &Browser,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Events, StatusCode> {
    let response = browser.open(path, headers).await;
    if response.status() != StatusCode::OK {
        return Err(response.status());
    }
    Ok(Events {
        body: response.into_body().into_data_stream(),
        held: String::new(),
    })
}

fn text(event: &Event) -> String {
    let value: serde_json::Value = serde_json::from_str(&event.data).expect("JSON");
    value["text"].as_str().expect("text").to_owned()
}

#[sqlx::test(migrations = "../migrations")]
async fn a_stream_has_no_gap_and_no_duplicate_across_connections(db: PgPool) {
    let portal = whole(db).await;
    let browser = signed_in(&portal, &["payments-developers"]).await;
    let (assigned, shim) = running(&portal).await;
    let path = format!("/streams/logs/{}", assigned.attempt);
    let feeding = tokio::spawn({
        let (assigned, shim) = (assigned.clone(), shim.clone());
        async move {
            for seq in 0..300 {
                append(&shim, &assigned, seq, &format!("line {seq} ä\n")).await;
            }
            let whole: String = (0..300)
                .flat_map(|seq| [format!("line {seq} ä\n")])
                .collect();
            let finish = format!("/work/v1/attempts/{}/finish", assigned.attempt);
            shim.json(&finish, &success(whole.as_bytes(), 300)).await;
        }
    });
    let mut seen = Vec::new();
    let mut last = String::new();
    'all: loop {
        let id = last.clone();
        let headers = if id.is_empty() {
            vec![]
        } else {
            vec![("last-event-id", &*id)]
        };
        let mut events = follow(&browser, &path, &headers).await.expect("opened");
        // The connection is lost after a few events, again and again.
        for _ in 0..37 {
            let event = events.soon().await.expect("not over");
            if event.kind == "end" {
                break 'all;
            }
            assert_eq!(event.kind, "chunk");
            seen.push(text(&event));
            last = event.id;
        }
    }
    feeding.await.expect("fed");
    let wanted: Vec<String> = (0..300).map(|seq| format!("line {seq} ä\n")).collect();
    assert_eq!(seen, wanted);
}

#[sqlx::test(migrations = "../migrations")]
async fn security_32_a_stream_is_for_those_who_may_and_says_where_to_go_on(db: PgPool) {
    let portal = whole(db).await;
    let (assigned, _) = running(&portal).await;
    let path = format!("/streams/logs/{}", assigned.attempt);
    let job = format!("/streams/jobs/{}", assigned.job.id);
    let browser = signed_in(&portal, &["payments-developers"]).await;
    for path in [&path, &job] {
        for id in [
            "-1",
            "18446744073709551616",
            "text",
            "1.5",
            "+1",
            " ",
            "1, 2",
        ] {
            let refused = follow(&browser, path, &[("last-event-id", id)]).await.err();
            assert_eq!(refused, Some(StatusCode::BAD_REQUEST), "{id}");
        }
        for query in ["?after=-1", "?after=x", "?after=1&after=2", "?other=1"] {
            let refused = follow(&browser, &format!("{path}{query}"), &[]).await.err();
            assert_eq!(refused, Some(StatusCode::BAD_REQUEST), "{query}");
        }
        let most = [("last-event-id", "18446744073709551615")];
        assert!(
            follow(&browser, path, &most).await.is_ok(),
            "a number is a number"
        );
        let cross = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-dest", "empty"),
        ];
        assert_eq!(
            follow(&browser, path, &cross).await.err(),
            Some(StatusCode::FORBIDDEN)
        );
        let nobody = Browser::new(&portal);
        assert_eq!(
            follow(&nobody, path, &[]).await.err(),
            Some(StatusCode::UNAUTHORIZED)
        );
        let other = signed_in(&portal, &["search-developers"]).await;
        assert_eq!(
            follow(&other, path, &[]).await.err(),
            Some(StatusCode::FORBIDDEN)
        );
    }
    for path in [
        "/streams/logs/018f4d6e-0000-7000-8000-000000000000",
        "/streams/jobs/018f4d6e-0000-7000-8000-000000000000",
    ] {
        assert_eq!(
            follow(&browser, path, &[]).await.err(),
            Some(StatusCode::NOT_FOUND)
        );
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_32_ten_streams_a_session_and_one_more_when_one_is_closed(db: PgPool) {
    let portal = whole(db).await;
    let (assigned, _) = running(&portal).await;
    let path = format!("/streams/logs/{}", assigned.attempt);
    let browser = signed_in(&portal, &["payments-developers"]).await;
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(follow(&browser, &path, &[]).await.expect("opened"));
    }
    assert_eq!(
        follow(&browser, &path, &[]).await.err(),
        Some(StatusCode::TOO_MANY_REQUESTS)
    );
    open.pop();
    follow(&browser, &path, &[]).await.expect("one was closed");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_23_32_a_stream_ends_with_its_session_and_with_its_right(db: PgPool) {
    let portal = whole(db).await;
    tokio::spawn(server::streams::watch(portal.state.clone()));
    let (assigned, shim) = running(&portal).await;
    append(&shim, &assigned, 0, "one\n").await;
    let path = format!("/streams/logs/{}", assigned.attempt);
    let leaving = signed_in(&portal, &["payments-developers"]).await;
    let losing = signed_in(&portal, &["payments-leads"]).await;
    let mut ends = follow(&leaving, &path, &[]).await.expect("opened");
    let mut loses = follow(&losing, &path, &[]).await.expect("opened");
    for events in [&mut ends, &mut loses] {
        assert_eq!(
            events.soon().await.map(|event| event.id),
            Some("0".to_owned())
        );
    }
    sqlx::raw_sql(
        "set session_replication_role = replica;
        update session set revoked_at = now(), revoked_why = 'ended' where person_id =
          (select id from person where sub = 'payments-developers')",
    )
    .execute(&portal.db)
    .await
    .expect("ended");
    let begun = Instant::now();
    assert_eq!(ends.soon().await, None, "its session is over");
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    sqlx::raw_sql(
        "set session_replication_role = replica;
         update person set groups = '{search-developers}' where sub = 'payments-leads'",
    )
    .execute(&portal.db)
    .await
    .expect("moved");
    let begun = Instant::now();
    assert_eq!(loses.soon().await, None, "it is not their team any more");
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
    portal.state.web.shutdown.cancel();
}

#[sqlx::test(migrations = "../migrations")]
async fn a_hundred_viewers_cost_one_question_for_each_chunk(db: PgPool) {
    let portal = whole(db).await;
    let (assigned, shim) = running(&portal).await;
    let path = format!("/streams/logs/{}", assigned.attempt);
    let mut viewers = Vec::new();
    for _ in 0..10 {
        let browser = signed_in(&portal, &["payments-developers"]).await;
        for _ in 0..10 {
            viewers.push(follow(&browser, &path, &[]).await.expect("opened"));
        }
    }
    append(&shim, &assigned, 0, "warm\n").await;
    for viewer in &mut viewers {
        viewer.soon().await.expect("warm");
    }
    let reads = async || -> i64 {
        sqlx::query_scalar("select coalesce(sum(idx_scan + seq_scan), 0)::bigint from pg_stat_user_tables where relname like 'log_chunk%'")
            .fetch_one(&portal.db)
            .await
            .expect("counted")
    };
    let settle = || tokio::time::sleep(Duration::from_millis(1_500));
    settle().await;
    let before = reads().await;
    let mut late = Vec::new();
    for seq in 1..=20 {
        let begun = Instant::now();
        append(&shim, &assigned, seq, "more\n").await;
        for viewer in &mut viewers {
            assert_eq!(
                viewer.soon().await.map(|event| event.id),
                Some(seq.to_string())
            );
        }
        late.push(begun.elapsed());
    }
    settle().await;
    let reads = reads().await - before;
    late.sort();
    eprintln!(
        "100 viewers: {reads} scans for 20 chunks and 3 s of waiting; slowest viewer {:?}",
        late[19]
    );
    // Of each chunk: the append looks at the one before and at its own number, the hub reads once
    // (last number and rows: two scans). A hundred viewers of their own would be thousands.
    assert!(reads < 20 * 10 + 60, "{reads}");
    assert!(late[18] < Duration::from_millis(300), "{late:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_jobs_stream_tells_every_change_and_ends_with_it(db: PgPool) {
    let portal = whole(db).await;
    let browser = signed_in(&portal, &["payments-developers"]).await;
    let (assigned, shim) = running(&portal).await;
    let path = format!("/streams/jobs/{}", assigned.job.id);
    let mut events = follow(&browser, &path, &[]).await.expect("opened");
    let first = events.soon().await.expect("as it is now");
    assert_eq!(first.kind, "change");
    let finish = format!("/work/v1/attempts/{}/finish", assigned.attempt);
    let begun = Instant::now();
    assert_eq!(
        shim.json(&finish, &success(b"", 0)).await.status,
        StatusCode::NO_CONTENT
    );
    let second = events.soon().await.expect("changed");
    assert!(second.kind == "change" && second.id != first.id);
    assert!(
        begun.elapsed() < Duration::from_millis(900),
        "sooner than by polling: {:?}",
        begun.elapsed()
    );
    assert_eq!(
        events.soon().await.map(|event| event.kind),
        Some("end".to_owned())
    );
    assert_eq!(events.soon().await, None);
    let mut again = follow(&browser, &path, &[("last-event-id", &second.id)])
        .await
        .expect("opened");
    assert_eq!(
        again.soon().await.map(|event| event.kind),
        Some("end".to_owned()),
        "nothing new"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_36_37_a_log_is_downloaded_as_a_file_and_never_shown(db: PgPool) {
    let portal = whole(db).await;
    let mut browser = signed_in(&portal, &["payments-developers"]).await;
    let (assigned, shim) = running(&portal).await;
    let hostile =
        "<script>alert(1)</script>\u{1b}[31mred\u{1b}]8;;https://evil.example\u{7}\u{202e}\0\n";
    let path = format!("/work/v1/attempts/{}/log/0", assigned.attempt);
    let mut bytes = hostile.as_bytes().to_vec();
    bytes.extend(b"\xff\xfe\n");
    assert_eq!(
        shim.call("PUT", &path, bytes.clone()).await.status,
        StatusCode::NO_CONTENT
    );
    let path = format!("/downloads/logs/{}", assigned.attempt);
    for coding in ["identity", "gzip"] {
        let response = browser.open(&path, &[("accept-encoding", coding)]).await;
        assert_eq!(response.status(), StatusCode::OK);
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().expect("text").to_owned())
        };
        let name = format!(
            "attachment; filename=\"JOB-{}-say-1.log\"",
            assigned.job.number
        );
        assert_eq!(header("content-disposition"), Some(name));
        assert_eq!(
            header("content-type").as_deref(),
            Some("text/plain; charset=utf-8")
        );
        assert_eq!(
            header("content-security-policy").as_deref(),
            Some("sandbox")
        );
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
        let packed = header("content-encoding").as_deref() == Some("gzip");
        assert_eq!(packed, coding == "gzip");
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .expect("whole");
        let plain = if packed {
            let mut plain = Vec::new();
            std::io::Read::read_to_end(
                &mut flate2::read::MultiGzDecoder::new(&body[..]),
                &mut plain,
            )
            .expect("unpacks");
            plain
        } else {
            body.to_vec()
        };
        assert_eq!(plain, bytes);
    }
    let other = signed_in(&portal, &["search-developers"]).await;
    assert_eq!(other.open(&path, &[]).await.status(), StatusCode::FORBIDDEN);
    let nobody = Browser::new(&portal);
    assert_eq!(
        nobody.open(&path, &[]).await.status(),
        StatusCode::UNAUTHORIZED
    );
    let link = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    let answer = browser.send(Method::GET, &path, None, &link).await;
    assert_eq!(
        answer.status,
        StatusCode::FORBIDDEN,
        "a link from another site"
    );
}
