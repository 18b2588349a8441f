//! Reading: the same text whatever the chunks, in bounded pieces.

use sqlx::PgPool;

use super::fixture::{Fixture, attempt, member};
use crate::{
    Error,
    logs::ops::{append, lines, may_follow, search, tail, whole},
    people::TeamRole,
};

/// Hands in a text cut into chunks of these sizes, over and over.
async fn hand_in(made: &Fixture, text: &[u8], sizes: &[usize]) {
    let cx = made.cx();
    let (mut rest, mut seq) = (text, 0);
    for size in sizes.iter().cycle() {
        let (chunk, left) = rest.split_at((*size).min(rest.len()));
        append(&cx, seq, chunk).await.expect("taken");
        (rest, seq) = (left, seq + 1);
        if rest.is_empty() {
            break;
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn every_range_of_lines_is_the_same_however_it_was_cut(db: PgPool) {
    let text = "eins\nzwei größer\n\nvier\r\n€uro 😀 und Ende\nohne Ende";
    let all: Vec<&str> = vec![
        "eins",
        "zwei größer",
        "",
        "vier",
        "€uro 😀 und Ende",
        "ohne Ende",
    ];
    for sizes in [&[1][..], &[2, 3], &[7], &[1_000]] {
        let made = attempt(&db, false).await;
        hand_in(&made, text.as_bytes(), sizes).await;
        let cx = made.developer();
        for from in 1..=7_i64 {
            for count in 1..=7_u32 {
                let found = lines(&cx, made.id(), from, count).await.expect("read");
                let begin = usize::try_from(from - 1).expect("small").min(all.len());
                let wanted = &all[begin..all.len().min(begin + count as usize)];
                let texts: Vec<&str> = found.lines.iter().map(|line| &*line.text).collect();
                assert_eq!(texts, wanted, "{from} {count} {sizes:?}");
                assert_eq!(
                    found.lines.first().map(|line| line.number),
                    wanted.first().map(|_| from)
                );
                assert_eq!(
                    (found.total, found.bytes),
                    (6, i64::try_from(text.len()).expect("small"))
                );
            }
        }
        let live: String = tail(&made.system(), made.id(), -1)
            .await
            .expect("read")
            .chunks
            .into_iter()
            .map(|chunk| chunk.text)
            .collect();
        assert_eq!(live, text, "{sizes:?}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn nul_invalid_utf_8_and_a_line_of_ten_megabytes_survive(db: PgPool) {
    let made = attempt(&db, false).await;
    let mut text = b"a\0b\xff\n".to_vec();
    text.extend(vec![b'x'; 10_000_000]);
    text.extend(b" needle\nafter\n");
    hand_in(&made, &text, &[65_536]).await;
    let cx = made.developer();
    let found = lines(&cx, made.id(), 1, 100).await.expect("read");
    let shown: Vec<_> = found
        .lines
        .iter()
        .map(|l| (l.number, l.text.len(), l.cut))
        .collect();
    assert_eq!(shown, [(1, 6, false), (2, 16 * 1024, true), (3, 5, false)]);
    assert_eq!(found.lines[0].text, "a\0b\u{fffd}");
    assert_eq!(found.total, 3);
    let hits = search(&cx, made.id(), "NEEDLE".to_lowercase().as_str(), 0)
        .await
        .expect("searched");
    assert_eq!(hits.hits.len(), 1);
    assert_eq!((hits.hits[0].line, hits.searched_to), (2, None));
    let mut file = whole(&cx, made.id()).await.expect("begun");
    let mut packed = Vec::new();
    while let Some(piece) = file.pieces.recv().await {
        packed.extend(piece.expect("read").packed);
    }
    let mut plain = Vec::new();
    std::io::Read::read_to_end(
        &mut flate2::read::MultiGzDecoder::new(&packed[..]),
        &mut plain,
    )
    .expect("unpacks");
    assert!(plain == text, "every byte is there");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_log_of_a_million_lines_is_read_and_searched_piece_by_piece(db: PgPool) {
    let made = attempt(&db, false).await;
    // 100 MB: too slow to pack here in full; the same rows by hand, one body for all.
    let chunk: String = (0..625)
        .flat_map(|n| [format!("{n:>103}"), "\n".to_owned()])
        .collect();
    append(&made.cx(), 0, chunk.as_bytes())
        .await
        .expect("taken");
    sqlx::query(
        "insert into log_chunk (attempt_id, seq, day, byte_offset, raw_bytes, first_line, lines, sha256, body)
         select attempt_id, n, day, n * 65000, raw_bytes, 1 + n * 625, lines, sha256, body
         from log_chunk, generate_series(1, 1599) n",
    )
    .execute(&db)
    .await
    .expect("the rest");
    let cx = made.developer();
    let begun = std::time::Instant::now();
    let found = lines(&cx, made.id(), 777_777, 3).await.expect("read");
    let took = begun.elapsed();
    assert_eq!(found.total, 1_000_000);
    let numbers: Vec<i64> = found.lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [777_777, 777_778, 777_779]);
    assert_eq!(
        found.lines[0].text.trim(),
        ((777_777 - 1) % 625).to_string()
    );
    assert!(took.as_millis() < 500, "{took:?}");

    let (mut after, mut hits, mut calls) = (0, 0, 0);
    loop {
        let found = search(&cx, made.id(), " 624", after)
            .await
            .expect("searched");
        hits += found.hits.len();
        calls += 1;
        match found.searched_to {
            Some(line) => after = line,
            None => break,
        }
    }
    assert_eq!(hits, 1_600, "each line once");
    assert!((7..20).contains(&calls), "{calls} calls");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_32_a_log_is_for_the_team_and_nobody_else(db: PgPool) {
    let made = attempt(&db, false).await;
    append(&made.cx(), 0, b"x\n").await.expect("taken");
    let other = made.by(member("search", TeamRole::Developer));
    assert!(matches!(
        lines(&other, made.id(), 1, 1).await,
        Err(Error::Forbidden { .. })
    ));
    assert!(matches!(
        search(&other, made.id(), "x", 0).await,
        Err(Error::Forbidden { .. })
    ));
    assert!(whole(&other, made.id()).await.is_err());
    assert!(matches!(
        may_follow(&other, made.id()).await,
        Err(Error::Forbidden { .. })
    ));
    assert!(matches!(
        tail(&other, made.id(), -1).await,
        Err(Error::Forbidden { .. })
    ));
    let on_call = made.by(member("search", TeamRole::OnCall));
    for cx in [made.developer(), on_call] {
        may_follow(&cx, made.id()).await.expect("may");
    }
    assert_eq!(
        may_follow(&made.developer(), uuid::Uuid::nil()).await,
        Err(Error::NotFound)
    );
}
