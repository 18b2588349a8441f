//! The fault matrix: what was done, how often, what came of it.

use std::{collections::BTreeMap, fmt::Write as _, sync::Mutex};

/// What came of one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// What the contract says.
    Held,
    /// Something else, in words.
    Broke(String),
    /// This machine cannot do it.
    Skipped(String),
}

/// All faults of a run.
#[derive(Default)]
pub(crate) struct Table(Mutex<Vec<(String, String, Came)>>);

impl Table {
    /// One more.
    pub(crate) fn add(&self, class: &str, point: &str, came: Came) {
        if let Came::Broke(why) = &came {
            eprintln!("✗ {class}, {point}: {why}");
        }
        self.0
            .lock()
            .expect("no holder panics")
            .push((class.to_owned(), point.to_owned(), came));
    }

    /// How many faults were really injected.
    pub(crate) fn injected(&self) -> usize {
        let all = self.0.lock().expect("no holder panics");
        let done = all.iter().filter(|row| !matches!(row.2, Came::Skipped(_)));
        done.count()
    }

    /// Whether everything held.
    pub(crate) fn held(&self) -> bool {
        let all = self.0.lock().expect("no holder panics");
        !all.iter().any(|row| matches!(row.2, Came::Broke(_)))
    }

    /// For people.
    pub(crate) fn print(&self) -> String {
        let all = self.0.lock().expect("no holder panics");
        let mut rows: BTreeMap<(&str, &str), (usize, usize, Vec<String>)> = BTreeMap::new();
        for (class, point, came) in all.iter() {
            let row = rows.entry((class, point)).or_default();
            match came {
                Came::Held => row.0 += 1,
                Came::Broke(why) => {
                    row.1 += 1;
                    row.2.push(format!("BROKE: {why}"));
                }
                Came::Skipped(why) => row.2.push(format!("skipped: {why}")),
            }
        }
        let mut text = format!("{:<28}{:<44}{:>6}  result\n", "fault", "where", "count");
        for ((class, point), (held, broke, mut words)) in rows {
            words.dedup();
            let result = match (held, broke) {
                (0, 0) => words.join("; "),
                (_, 0) => "held".to_owned(),
                _ => words.join("; "),
            };
            let count = held + broke;
            writeln!(text, "{class:<28}{point:<44}{count:>6}  {result}").expect("a string");
        }
        text
    }
}
