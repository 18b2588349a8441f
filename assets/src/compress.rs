//! The compressed twin of a file: as small as brotli and gzip can make it,
//! since it is done once and sent for ever.

use std::io::Write;

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};

const TEXT_LIKE: [&str; 8] = [
    "wasm",
    "js",
    "css",
    "svg",
    "json",
    "txt",
    "html",
    "webmanifest",
];

/// Whether compression gains anything; pictures and fonts are compressed already.
pub(crate) fn worth_it(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, extension)| TEXT_LIKE.contains(&extension))
}

/// Brotli, quality 11, window of 4 MiB.
pub(crate) fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut out, 64 * 1024, 11, 22);
        writer.write_all(content)?;
    }
    Ok(out)
}

/// Gzip, level 9, for the few clients without brotli.
pub(crate) fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(content)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_come_back_as_they_went() {
        let text = "groundcrew ".repeat(500);
        let (br, gz) = (
            brotli(text.as_bytes()).expect("br"),
            gzip(text.as_bytes()).expect("gz"),
        );
        assert!(br.len() < 100 && gz.len() < 200);
        let mut back = String::new();
        brotli::Decompressor::new(&br[..], 4096)
            .read_to_string(&mut back)
            .expect("valid brotli");
        assert_eq!(back, text);
        back.clear();
        flate2::read::GzDecoder::new(&gz[..])
            .read_to_string(&mut back)
            .expect("valid gzip");
        assert_eq!(back, text);
    }

    #[test]
    fn pictures_are_left_alone() {
        assert!(worth_it("app.1.wasm") && worth_it("icons.2.svg"));
        assert!(!worth_it("mark.3.png") && !worth_it("noextension"));
    }
}
