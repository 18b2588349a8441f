//! One command of a driver.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

/// A process to run, in `At::work`.
#[derive(Debug, Clone)]
pub struct Phase {
    /// Its name on the page: `init`, `plan`, `show`.
    pub name: String,
    /// Program and arguments; a program without a slash is looked for in the attempt's `PATH`. No
    /// secrets: arguments can be seen by everybody on the machine.
    pub argv: Vec<OsString>,
    /// Beside the scrubbed environment every child gets (`PATH`, `HOME`, `TMPDIR`, `LANG`, and
    /// `GROUNDCREW_*`). Secrets may stand here.
    pub env: BTreeMap<String, String>,
    /// Bytes on its standard input; none: end of file at once.
    pub stdin: Option<Vec<u8>>,
    /// Where its standard output goes. Its standard error always goes into the log.
    pub stdout: Stdout,
    /// Exit codes that mean it did what it should.
    pub ok: Vec<i32>,
    /// Paths it may read (and run programs from) beside the system's and the attempt's own.
    pub read: Vec<PathBuf>,
    /// Paths it may write beside the attempt's own.
    pub write: Vec<PathBuf>,
    /// Whether it may open connections at all.
    pub network: bool,
}

/// Where standard output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stdout {
    /// Into the log.
    Log,
    /// Into a file of this name in `At::private`, not logged.
    File(String),
    /// Line by line through [`super::Driver::line`].
    Lines,
}

impl Phase {
    /// A command that logs, succeeds with 0 and may open connections.
    pub fn new<A: Into<OsString>>(name: &str, argv: impl IntoIterator<Item = A>) -> Self {
        Self {
            name: name.to_owned(),
            argv: argv.into_iter().map(Into::into).collect(),
            env: BTreeMap::new(),
            stdin: None,
            stdout: Stdout::Log,
            ok: vec![0],
            read: Vec::new(),
            write: Vec::new(),
            network: true,
        }
    }

    /// With a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    /// With another place for its standard output.
    #[must_use]
    pub fn stdout(mut self, stdout: Stdout) -> Self {
        self.stdout = stdout;
        self
    }

    /// With other codes of success.
    #[must_use]
    pub fn ok(mut self, codes: &[i32]) -> Self {
        self.ok = codes.to_vec();
        self
    }
}
