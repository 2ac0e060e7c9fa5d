//! Multipart forms, written by hand so that they can be wrong.

pub(crate) const BOUNDARY: &str = "----test-boundary";

/// A form under construction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form(Vec<u8>);

impl Form {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a part `file`.
    pub(crate) fn file(self, name: &str, content_type: &str, bytes: &[u8]) -> Self {
        let name = name.replace('\\', "\\\\").replace('"', "\\\"");
        let headers = format!(
            "Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {content_type}"
        );
        self.part(&headers, bytes)
    }

    /// Adds a part with text.
    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.part(&format!("Content-Disposition: form-data; name=\"{name}\""), value.as_bytes())
    }

    /// Adds a part with these headers.
    pub(crate) fn part(mut self, headers: &str, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(format!("--{BOUNDARY}\r\n{headers}\r\n\r\n").as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    #[expect(clippy::unused_self, reason = "reads as what it is at the call")]
    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }

    /// The form with its closing boundary.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.0.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.0
    }
}
