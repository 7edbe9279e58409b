//! The bytes of an age file, opened in time that grows with their number alone.
//!
//! age's parser reads a header line by line and begins anew at each, so a long header would cost the square
//! of its length. Here the header is found first and handed over at once.

use std::io::{BufRead, Read, Result as IoResult};

use super::ciphertext::CiphertextFault;

/// The longest header that is read, in bytes: room for some 300 recipients.
pub const MAX_HEADER: usize = 32 << 10;

/// A reader of an age file, for age.
pub struct AgeFile<'a> {
    rest: &'a [u8],
    /// What of `rest` is header and hasn't been handed over.
    header: usize,
}

impl<'a> AgeFile<'a> {
    /// Reads the header. Nothing is authenticated before decryption.
    pub fn open(bytes: &'a [u8]) -> Result<age::Decryptor<AgeFile<'a>>, CiphertextFault> {
        let header = header_length(bytes)?;
        age::Decryptor::new_buffered(AgeFile { rest: bytes, header }).map_err(|error| match error {
            age::DecryptError::UnknownFormat => CiphertextFault::AgeVersion,
            _ => CiphertextFault::NotAge,
        })
    }
}

impl Read for AgeFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
        self.rest.read(buffer)
    }
}

impl BufRead for AgeFile<'_> {
    fn fill_buf(&mut self) -> IoResult<&[u8]> {
        Ok(self.rest)
    }

    fn consume(&mut self, count: usize) {
        self.rest.consume(count);
    }

    /// age asks for a line, and gets the header; if that isn't enough for it, there is no more.
    fn read_until(&mut self, _: u8, line: &mut Vec<u8>) -> IoResult<usize> {
        let (header, rest) = self.rest.split_at(std::mem::take(&mut self.header));
        line.extend_from_slice(header);
        self.rest = rest;
        Ok(header.len())
    }
}

/// The header ends with the line that begins with three hyphens, which no other line of it does. In a version
/// that isn't known, the first line is all that there is to read.
fn header_length(bytes: &[u8]) -> Result<usize, CiphertextFault> {
    let start = &bytes[..bytes.len().min(MAX_HEADER)];
    let line_from = |at: usize| start[at..].iter().position(|byte| *byte == b'\n').map(|end| at + end + 1);
    let first_line = line_from(0).map(|end| &start[..end]);
    match first_line {
        Some(b"age-encryption.org/v1\n") => {}
        Some(line) if line.starts_with(b"age-encryption.org/") => return Ok(line.len()),
        _ => return Err(CiphertextFault::NotAge),
    }
    let last_line = start.windows(4).position(|window| window == b"\n---");
    match last_line.and_then(|at| line_from(at + 1)) {
        Some(length) => Ok(length),
        None if bytes.len() > MAX_HEADER => Err(CiphertextFault::HeaderTooLarge),
        None => Err(CiphertextFault::NotAge),
    }
}
