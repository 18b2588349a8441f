//! Bytes of a chunk: packed at rest, whole characters when shown.

use std::io::{self, Read as _, Write as _};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};

/// One member of a gzip file: the chunks of a log one after the other are a gzip file too.
pub(super) fn pack(plain: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(
        Vec::with_capacity(plain.len() / 4 + 32),
        Compression::fast(),
    );
    packer
        .write_all(plain)
        .and_then(|()| packer.finish())
        .expect("a vector takes every byte")
}

/// The bytes of one chunk; never more than it said when it was taken.
pub(super) fn unpack(packed: &[u8], size: usize) -> io::Result<Vec<u8>> {
    let mut plain = Vec::with_capacity(size);
    GzDecoder::new(packed)
        .take(size as u64 + 1)
        .read_to_end(&mut plain)?;
    if plain.len() == size {
        Ok(plain)
    } else {
        Err(io::Error::other("a chunk has another size than recorded"))
    }
}

/// How many bytes at the end are the beginning of a character whose rest is not there: 0 to 3.
pub(super) fn unfinished(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let byte = bytes[bytes.len() - back];
        let needs = match byte {
            0x80..=0xBF => continue,
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 1,
        };
        return if needs > back { back } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_comes_back_as_it_was_and_chunks_in_a_row_are_one_gzip_file() {
        let (one, two) = (b"a\0\xff\n".to_vec(), vec![b'x'; 70_000]);
        assert_eq!(unpack(&pack(&one), one.len()).expect("unpacks"), one);
        assert!(unpack(&pack(&two), 69_999).is_err(), "more than it said");
        assert!(unpack(&pack(&two), 70_001).is_err(), "less than it said");
        let row = [pack(&one), pack(&two)].concat();
        let mut whole = Vec::new();
        flate2::read::MultiGzDecoder::new(&row[..])
            .read_to_end(&mut whole)
            .expect("unpacks");
        assert_eq!(whole, [one, two].concat());
    }

    #[test]
    fn an_unfinished_character_is_held_back_and_nonsense_is_not() {
        for text in ["ä", "€", "😀"] {
            let bytes = text.as_bytes();
            for cut in 0..bytes.len() {
                assert_eq!(unfinished(&bytes[..cut]), cut, "{text} cut at {cut}");
            }
            assert_eq!(unfinished(bytes), 0, "{text}");
        }
        for (bytes, held) in [
            (&b"\xff"[..], 0),
            (b"\x80\x80\x80\x80", 0),
            (b"a\xc3", 1),
            (b"\xf0\x9f\x98", 3),
            (b"", 0),
        ] {
            assert_eq!(unfinished(bytes), held, "{bytes:?}");
        }
    }
}
