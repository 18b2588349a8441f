//! The command line.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

const USAGE: &str =
    "usage: assets --wasm FILE --style FILE --static DIR --out DIR (--wasm-opt PROGRAM | --fast)";

/// What to build, from where, to where.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    /// The module cargo built for `wasm32-unknown-unknown`.
    pub(crate) wasm: PathBuf,
    /// The style's entry file; its imports are bundled.
    pub(crate) style: PathBuf,
    /// Files that are served as they are.
    pub(crate) statics: PathBuf,
    /// The site folder, replaced as a whole.
    pub(crate) out: PathBuf,
    /// The optimiser, absent only with `fast`.
    pub(crate) wasm_opt: Option<PathBuf>,
    /// For development: no optimiser, no compression.
    pub(crate) fast: bool,
}

impl Options {
    /// Reads the arguments after the program's name.
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let (mut wasm, mut style, mut statics, mut out, mut wasm_opt) =
            (None, None, None, None, None);
        let mut fast = false;
        while let Some(flag) = args.next() {
            let slot = match flag.as_str() {
                "--wasm" => &mut wasm,
                "--style" => &mut style,
                "--static" => &mut statics,
                "--out" => &mut out,
                "--wasm-opt" => &mut wasm_opt,
                "--fast" => {
                    fast = true;
                    continue;
                }
                other => bail!("unknown argument {other}\n{USAGE}"),
            };
            let value = args
                .next()
                .with_context(|| format!("{flag} needs a value\n{USAGE}"))?;
            *slot = Some(PathBuf::from(value));
        }
        if wasm_opt.is_none() && !fast {
            bail!("say --wasm-opt PROGRAM to optimise, or --fast to leave it out\n{USAGE}");
        }
        let required = |slot: Option<PathBuf>, flag: &str| {
            slot.with_context(|| format!("{flag} is missing\n{USAGE}"))
        };
        Ok(Self {
            wasm: required(wasm, "--wasm")?,
            style: required(style, "--style")?,
            statics: required(statics, "--static")?,
            out: required(out, "--out")?,
            wasm_opt: wasm_opt.filter(|_| !fast),
            fast,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_full_line_is_read() {
        let options = parse("--wasm a --style b --static c --out d --wasm-opt e").expect("valid");
        assert_eq!(options.out, PathBuf::from("d"));
        assert_eq!(options.wasm_opt, Some(PathBuf::from("e")));
    }

    #[test]
    fn the_optimiser_is_left_out_only_on_request() {
        let error = parse("--wasm a --style b --static c --out d").expect_err("no choice made");
        assert!(error.to_string().contains("--fast"));
        assert!(
            parse("--wasm a --style b --static c --out d --fast")
                .expect("valid")
                .fast
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = parse("--wasm a --style b --out d --fast").expect_err("no --static");
        assert!(error.to_string().starts_with("--static is missing"));
    }
}
