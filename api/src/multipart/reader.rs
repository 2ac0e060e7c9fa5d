//! The form as a sequence of parts, each a sequence of chunks.

use std::mem;

use bytes::{Buf, Bytes, BytesMut};
use memchr::{memchr, memmem};

use super::{Error, parameters};
use crate::body::Paced;

/// Bytes of one part's header block.
const MAX_HEADER_BYTES: usize = 16 << 10;
/// Bytes before the first boundary, which nobody reads.
const MAX_PREAMBLE_BYTES: u64 = 4 << 10;
/// Spaces and tabs after a boundary.
const MAX_PADDING_BYTES: usize = 256;
/// Parts of one form.
const MAX_PARTS: usize = 128;

/// What a part says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Name of the form's field.
    pub(crate) name: String,
    /// Name of the file as the client gave it: untrusted.
    pub(crate) file_name: Option<String>,
    /// Type of the content as the client gave it: untrusted.
    pub(crate) content_type: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Inside the preamble or a part: bytes up to the next delimiter are content.
    Content,
    /// Directly after a delimiter.
    Delimiter,
    /// After the closing delimiter.
    End,
}

/// Reads a form from a body.
pub(crate) struct Reader {
    body: Paced,
    buffer: Bytes,
    delimiter: Vec<u8>,
    state: State,
    n_parts: usize,
}

impl Reader {
    pub(crate) fn new(body: Paced, boundary: &[u8]) -> Self {
        let delimiter = [b"\r\n--", boundary].concat();
        // The line break before the first boundary may be missing; with one put here, all look alike.
        let buffer = Bytes::from_static(b"\r\n");
        Self { body, buffer, delimiter, state: State::Content, n_parts: 0 }
    }

    /// Bytes of the body read so far.
    pub(crate) fn n_bytes(&self) -> u64 {
        self.body.n_bytes()
    }

    /// The next part, or `None` after the last one; what is left of the current part is skipped.
    pub(crate) async fn next_part(&mut self) -> Result<Option<Part>, Error> {
        let mut n_skipped = 0;
        while let Some(chunk) = self.chunk().await? {
            n_skipped += chunk.len() as u64;
            if self.n_parts == 0 && n_skipped > MAX_PREAMBLE_BYTES {
                return Err(Error::Malformed("the form does not begin with its boundary"));
            }
        }
        if self.state == State::End || self.is_closing().await? {
            self.state = State::End;
            return Ok(None);
        }
        self.n_parts += 1;
        if self.n_parts > MAX_PARTS {
            return Err(Error::Malformed("the form has more than 128 parts"));
        }
        let headers = self.header_block().await?;
        self.state = State::Content;
        part(&headers).map(Some)
    }

    /// The next bytes of the current part, or `None` at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        while self.state == State::Content {
            let end = content_end(&self.buffer, &self.delimiter);
            if end > 0 {
                return Ok(Some(self.buffer.split_to(end)));
            }
            if self.buffer.len() >= self.delimiter.len() {
                self.buffer.advance(self.delimiter.len());
                self.state = State::Delimiter;
            } else {
                self.fill().await?;
            }
        }
        Ok(None)
    }

    /// Whether the delimiter just read closes the form; if not, the padding after it is skipped too.
    async fn is_closing(&mut self) -> Result<bool, Error> {
        while self.buffer.len() < 2 {
            self.fill().await?;
        }
        if self.buffer.starts_with(b"--") {
            return Ok(true);
        }
        let mut n_padding = 0;
        loop {
            match self.buffer.first() {
                Some(b' ' | b'\t') if n_padding < MAX_PADDING_BYTES => {
                    self.buffer.advance(1);
                    n_padding += 1;
                }
                Some(b'\r') => return Ok(false),
                Some(_) => {
                    return Err(Error::Malformed("a boundary is not followed by a new line"));
                }
                None => self.fill().await?,
            }
        }
    }

    /// The header block with the line breaks around it; the buffer is left at the content.
    async fn header_block(&mut self) -> Result<Bytes, Error> {
        const END: &[u8] = b"\r\n\r\n";
        let mut from = 0;
        loop {
            if let Some(at) = memmem::find(&self.buffer[from..], END) {
                return Ok(self.buffer.split_to(from + at + END.len()));
            }
            from = self.buffer.len().saturating_sub(END.len() - 1);
            if from > MAX_HEADER_BYTES {
                return Err(Error::Malformed("the headers of a part are larger than 16 KiB"));
            }
            self.fill().await?;
        }
    }

    /// Adds the next bytes of the body. Nearly always nothing is left of those before, and none is copied.
    async fn fill(&mut self) -> Result<(), Error> {
        let chunk = self.body.chunk().await?;
        let chunk = chunk.ok_or(Error::Malformed("the form ends before its closing boundary"))?;
        self.buffer = if self.buffer.is_empty() {
            chunk
        } else {
            let mut joined = BytesMut::from(mem::take(&mut self.buffer));
            joined.extend_from_slice(&chunk);
            joined.freeze()
        };
        Ok(())
    }
}

/// How many bytes at the start of `buffer` surely are content: up to the first place where the
/// delimiter stands or, at the end of the buffer, might begin.
fn content_end(buffer: &[u8], delimiter: &[u8]) -> usize {
    let mut from = 0;
    while let Some(at) = memchr(b'\r', &buffer[from..]) {
        let start = from + at;
        let candidate = &buffer[start..buffer.len().min(start + delimiter.len())];
        if delimiter.starts_with(candidate) {
            return start;
        }
        from = start + 1;
    }
    buffer.len()
}

fn part(headers: &[u8]) -> Result<Part, Error> {
    let mut disposition = None;
    let mut content_type = None;
    for line in headers.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-disposition") {
            disposition = parameters::disposition(value);
        } else if name.eq_ignore_ascii_case(b"content-type") {
            content_type = String::from_utf8(value.to_vec()).ok();
        }
    }
    let (name, file_name) =
        disposition.ok_or(Error::Malformed("a part of the form has no name"))?;
    Ok(Part { name, file_name, content_type })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::Body;
    use futures::stream;
    use proptest::prelude::*;

    use super::*;
    use crate::body::BodyError;

    type Parsed = Vec<(String, Option<String>, Vec<u8>)>;

    /// Name, file name and content of a part.
    type Expected = (&'static str, Option<&'static str>, &'static [u8]);

    /// Reads a whole form that arrives in chunks of `n` bytes.
    async fn read(form: &[u8], n: usize, limit: u64) -> Result<Parsed, Error> {
        let chunks: Vec<std::io::Result<Bytes>> =
            form.chunks(n).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        let body = Body::from_stream(stream::iter(chunks));
        let mut reader = Reader::new(Paced::new(body, limit, Duration::from_secs(30)), b"B");
        let mut parts = Vec::new();
        while let Some(part) = reader.next_part().await? {
            let mut content = Vec::new();
            while let Some(chunk) = reader.chunk().await? {
                content.extend_from_slice(&chunk);
            }
            parts.push((part.name, part.file_name, content));
        }
        Ok(parts)
    }

    /// However the form is cut into chunks, the answer is the same.
    async fn check(form: &[u8], expected: Result<&[Expected], &'static str>) {
        let expected = expected
            .map(|parts| {
                let owned = parts.iter().map(|(name, file, content)| {
                    ((*name).to_owned(), file.map(str::to_owned), content.to_vec())
                });
                owned.collect::<Parsed>()
            })
            .map_err(Error::Malformed);
        for n in (1..=form.len().clamp(1, 80)).chain([form.len().max(1)]) {
            assert_eq!(read(form, n, u64::MAX).await, expected, "chunks of {n} bytes");
        }
    }

    #[tokio::test]
    async fn reads_parts_in_order() {
        let form = b"--B\r\nContent-Disposition: form-data; name=title\r\n\r\nFugue\r\n\
            --B \t\r\ncontent-type: audio/mpeg\r\nCONTENT-DISPOSITION: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\n\
            \r\n--A\r\n--\r\r\n--B\r\nContent-Disposition: form-data; name=empty\r\n\r\n\r\n--B--\r\nepilogue";
        let expected: &[Expected] = &[
            ("title", None, b"Fugue"),
            ("file", Some("a.mp3"), b"\r\n--A\r\n--\r"),
            ("empty", None, b""),
        ];
        check(form, Ok(expected)).await;
    }

    #[tokio::test]
    async fn reads_a_form_without_parts_and_a_preamble() {
        check(b"--B--", Ok(&[])).await;
        check(b"\r\n--B--\r\n", Ok(&[])).await;
        check(b"hello\r\n--B--", Ok(&[])).await;
    }

    #[tokio::test]
    async fn refuses_broken_forms() {
        let early = "the form ends before its closing boundary";
        check(b"", Err(early)).await;
        check(b"--B", Err(early)).await;
        check(b"--B\r\nContent-Disposition: form-data; name=a\r\n", Err(early)).await;
        check(b"--B\r\nContent-Disposition: form-data; name=a\r\n\r\nabc", Err(early)).await;
        check(b"--B\r\nContent-Disposition: form-data; name=a\r\n\r\nabc\r\n--B", Err(early)).await;
        check(b"--Bx\r\n", Err("a boundary is not followed by a new line")).await;
        let nameless = "a part of the form has no name";
        check(b"--B\r\n\r\nabc\r\n--B--", Err(nameless)).await;
        check(b"--B\r\nContent-Type: audio/mpeg\r\n\r\nabc\r\n--B--", Err(nameless)).await;
    }

    #[tokio::test]
    async fn limits_what_it_keeps_in_memory() {
        let preamble = [b"x".repeat(5000).as_slice(), b"\r\n--B--"].concat();
        let error = Err(Error::Malformed("the form does not begin with its boundary"));
        assert_eq!(read(&preamble, 100, u64::MAX).await, error);

        let headers =
            [b"--B\r\nX: ".as_slice(), &b"x".repeat(20_000), b"\r\n\r\n\r\n--B--"].concat();
        let error = Err(Error::Malformed("the headers of a part are larger than 16 KiB"));
        assert_eq!(read(&headers, 100, u64::MAX).await, error);

        let many = b"--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n".repeat(129);
        let error = Err(Error::Malformed("the form has more than 128 parts"));
        assert_eq!(read(&many, 1000, u64::MAX).await, error);

        let error = Err(Error::Body(BodyError::TooLarge { limit: 10 }));
        assert_eq!(read(b"--B\r\nContent-Disposition", 4, 10).await, error);
    }

    /// Pieces that a broken or hostile form is made of.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            Just(b"\r\n--B".to_vec()),
            Just(b"--B--".to_vec()),
            Just(b"\r\n\r\n".to_vec()),
            Just(b"\r\n".to_vec()),
            Just(b"\r".to_vec()),
            Just(b"-".to_vec()),
            Just(b"Content-Disposition: form-data; name=\"a\"".to_vec()),
            prop::collection::vec(any::<u8>(), 0..40),
        ]
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_chunks_give_the_same_answer(
            pieces in prop::collection::vec(piece(), 0..20),
            n in 1_usize..50,
        ) {
            let form = pieces.concat();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let whole = runtime.block_on(read(&form, form.len().max(1), u64::MAX));
            let cut = runtime.block_on(read(&form, n, u64::MAX));
            prop_assert_eq!(cut, whole);
        }

        #[test]
        fn any_content_without_the_delimiter_comes_back(
            content in prop::collection::vec(any::<u8>(), 0..200),
            n in 1_usize..50,
        ) {
            prop_assume!(!content.windows(5).any(|window| window == b"\r\n--B"));
            let form = [
                b"--B\r\nContent-Disposition: form-data; name=a\r\n\r\n".as_slice(),
                &content,
                b"\r\n--B--",
            ]
            .concat();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let parts = runtime.block_on(read(&form, n, u64::MAX));
            prop_assert_eq!(parts, Ok(vec![("a".to_owned(), None, content)]));
        }
    }
}
