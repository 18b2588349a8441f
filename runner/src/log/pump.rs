//! From the spool files of one process into the book and the journal.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use platform::jobs::wire::JournalEntry;

use super::{Book, Mark, Source};
use crate::lock;
use crate::{drivers::Heard, folder::Folder, mask::Patterns};

/// A chunk is cut when bytes have waited so long.
const WAIT: Duration = Duration::from_millis(150);
/// What might become a secret is let go after so long without more, where it is a few letters.
const IDLE: Duration = Duration::from_millis(200);
/// Most raw bytes read in one go, so that leases are kept meanwhile.
const ENOUGH: usize = 4 * 1024 * 1024;

/// What hears lines, and where entries of the journal go.
pub struct Hear<'a> {
    /// The driver.
    pub line: &'a mut dyn FnMut(&[u8]) -> Heard,
    /// Entries heard.
    pub journal: &'a mut Vec<JournalEntry>,
}

/// How a process is read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Number of the process.
    pub process: u32,
    /// Its phase.
    pub phase: String,
    /// Whether its lines go through the driver.
    pub lines: bool,
    /// Whether its output is logged at all; what it complains always is.
    pub logged: bool,
}

/// Reads, masks, writes. The book is shared with the uploader.
pub struct Pump {
    book: Arc<Mutex<Book>>,
    journal: Arc<Mutex<Vec<JournalEntry>>>,
    journal_file: File,
    mark_file: File,
    patterns: Patterns,
    mark: Mark,
    sources: Vec<Source>,
    last_output: Instant,
    /// Masked and not yet written.
    pending: Vec<u8>,
}

impl Pump {
    /// For a folder; goes on where `mark` says.
    pub fn new(
        folder: &Folder,
        book: Book,
        journal: Vec<JournalEntry>,
        patterns: Patterns,
    ) -> io::Result<Self> {
        let mut journal_file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(folder.path("journal.jsonl"))?;
        for entry in &journal {
            writeln!(journal_file, "{}", serde_json::to_string(entry)?)?;
        }
        Ok(Self {
            mark: Mark {
                book: book.length(),
                journal: i64::try_from(journal.len()).unwrap_or(i64::MAX),
                ..Mark::default()
            },
            book: Arc::new(Mutex::new(book)),
            journal: Arc::new(Mutex::new(journal)),
            journal_file,
            mark_file: Mark::file(folder)?,
            patterns,
            sources: Vec::new(),
            last_output: Instant::now(),
            pending: Vec::new(),
        })
    }

    /// The book, for the uploader.
    pub fn book(&self) -> Arc<Mutex<Book>> {
        Arc::clone(&self.book)
    }

    /// The journal, for the uploader.
    pub fn journal(&self) -> Arc<Mutex<Vec<JournalEntry>>> {
        Arc::clone(&self.journal)
    }

    /// What is masked.
    pub fn patterns(&self) -> &Patterns {
        &self.patterns
    }

    /// When something came last.
    pub fn last_output(&self) -> Instant {
        self.last_output
    }

    /// Turns to a process.
    pub fn turn_to(&mut self, folder: &Folder, reading: &Reading, from: &Mark) {
        let (out, err) = spool(reading.process);
        let source = |name: &str, lines, place| {
            Source::new(folder.path(name), lines, self.patterns.clone(), place)
        };
        self.sources = if reading.lines {
            vec![source(&out, true, from.out), source(&err, false, from.err)]
        } else if reading.logged {
            // Both write into one file: what came first stands first.
            vec![source(&out, false, from.out)]
        } else {
            vec![source(&err, false, from.out)]
        };
        self.mark.process = reading.process;
        self.mark.phase.clone_from(&reading.phase);
        self.mark.lines = reading.lines;
        (self.mark.out, self.mark.err) = (from.out, from.err);
        // Whoever reads on after us must know that this process has begun, whatever it has written.
        // A full disk: it is kept with the next piece.
        let _ = self.mark.keep(&self.mark_file);
        self.last_output = Instant::now();
    }

    /// Reads what has come. With `last` everything: the process is gone.
    pub fn pump(&mut self, line: &mut dyn FnMut(&[u8]) -> Heard, last: bool) -> io::Result<bool> {
        let mut out = Vec::new();
        let mut entries = Vec::new();
        let mut hear = Hear {
            line,
            journal: &mut entries,
        };
        let mut more = false;
        let idle = self.last_output.elapsed() > IDLE;
        if self.pending.len() > ENOUGH {
            self.put(&[], false)?;
            return Ok(false);
        }
        for source in &mut self.sources {
            let mut total = 0;
            loop {
                let read = source.pump(&mut hear, &mut out)?;
                total += read;
                if read == 0 {
                    break;
                }
                if total >= ENOUGH {
                    more = true;
                    break;
                }
            }
            if total > 0 {
                self.last_output = Instant::now();
            } else if last {
                source.finish(&mut hear, &mut out);
            } else if idle {
                source.idle(&mut out);
            }
            more |= last && total > 0;
        }
        self.enter(&entries)?;
        self.put(&out, last && !more)?;
        Ok(more)
    }

    /// Adds entries of the journal that come from elsewhere than lines.
    pub fn enter(&mut self, entries: &[JournalEntry]) -> io::Result<()> {
        for entry in entries {
            let mut entry = entry.clone();
            for text in [&mut entry.address, &mut entry.action] {
                *text = self.patterns.text(text);
            }
            entry.id_value = entry.id_value.map(|id| self.patterns.text(&id));
            let line = serde_json::to_string(&entry)? + "\n";
            match self.journal_file.write_all(line.as_bytes()) {
                Err(error) if error.kind() != io::ErrorKind::StorageFull => return Err(error),
                _ => {}
            }
            lock(&self.journal).push(entry);
            self.mark.journal += 1;
        }
        Ok(())
    }

    /// Adds text that comes from elsewhere than the process; masked here.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        let text = self.patterns.text(text);
        let mut line = self.fresh_line();
        line.extend_from_slice(format!("groundcrew: {text}\n").as_bytes());
        self.put(&line, true)
    }

    /// Adds lines of a driver; masked here.
    pub fn add(&mut self, text: &[u8]) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let mut out = Vec::new();
        let mut masker = crate::mask::Masker::new(self.patterns.clone());
        masker.push(text, &mut out);
        masker.finish(&mut out);
        let mut line = self.fresh_line();
        line.extend_from_slice(&out);
        self.put(&line, true)
    }

    /// Nothing comes any more.
    pub fn close(&mut self) -> io::Result<()> {
        self.put(&[], false)?;
        lock(&self.book).close()?;
        self.put(&[], true)
    }

    /// More is secret from here on.
    pub fn learn(&mut self, more: Vec<String>) {
        if more.is_empty() {
            return;
        }
        self.patterns = self.patterns.and(more);
        for source in &mut self.sources {
            source.learn(&self.patterns);
        }
    }

    /// Files to make durable.
    pub fn files(&self) -> Vec<File> {
        let files = self.sources.iter().filter_map(Source::file);
        files.filter_map(|file| file.try_clone().ok()).collect()
    }

    /// Number of the line that comes next.
    pub fn next_line(&mut self) -> io::Result<i64> {
        let line = self.fresh_line();
        self.put(&line, false)?;
        Ok(lock(&self.book).next_line())
    }

    /// A line break, where the last line has none.
    fn fresh_line(&self) -> Vec<u8> {
        let ended = match self.pending.last() {
            Some(last) => *last == b'\n',
            None => lock(&self.book).ends_line(),
        };
        if ended { Vec::new() } else { vec![b'\n'] }
    }

    fn put(&mut self, bytes: &[u8], all: bool) -> io::Result<()> {
        self.pending.extend_from_slice(bytes);
        match self.write_pending(all) {
            // Kept until there is room again: the disk may be full of what the tool will remove.
            Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(()),
            done => done,
        }
    }

    fn write_pending(&mut self, all: bool) -> io::Result<()> {
        let mut book = lock(&self.book);
        if !self.pending.is_empty() {
            book.write(&self.pending)?;
            self.pending.clear();
        }
        let Some(since) = book.uncut_since() else {
            return Ok(());
        };
        self.mark.book = book.length();
        if let [first, rest @ ..] = &*self.sources {
            let second = rest.first().map(Source::place).unwrap_or_default();
            (self.mark.out, self.mark.err) = (first.place(), second);
        }
        self.mark.keep(&self.mark_file)?;
        book.cut(all || since.elapsed() >= WAIT)?;
        Ok(())
    }
}

/// Names of the files of the n-th process.
pub fn spool(process: u32) -> (String, String) {
    (
        format!("spool/{process}.out"),
        format!("spool/{process}.err"),
    )
}
