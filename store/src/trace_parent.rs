//! Names of spans as W3C Trace Context writes them (level 1, section 3.2): how a trace goes on over HTTP and over the queue.
//!
//! Spans have names only while somebody makes traces of them (`log.traces`); until then there is nothing to tie together.

use std::fmt;
use std::str::FromStr;

use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The name of a span, in this process or in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceParent(SpanContext);

/// It is not the name of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent of version 00")]
pub struct BadTraceParent;

impl TraceParent {
    /// The name of `span`; `None` while nobody makes traces. The span begins now, if it has not begun yet.
    pub fn of(span: &Span) -> Option<Self> {
        let context = span.context();
        let name = context.span().span_context().clone();
        name.is_valid().then_some(Self(name))
    }

    /// Lets `span`, which has not begun yet, go on from the span of this name.
    pub fn lead(&self, span: &Span) {
        let parent = Context::new().with_remote_span_context(self.0.clone());
        // An error says that nobody makes traces.
        let _ = span.set_parent(parent);
    }

    /// The trace that the span is a part of: 32 hexadecimal digits.
    pub fn trace_id(&self) -> String {
        self.0.trace_id().to_string()
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = self.0.trace_flags() & TraceFlags::SAMPLED;
        write!(formatter, "00-{}-{}-{flags:02x}", self.0.trace_id(), self.0.span_id())
    }
}

impl FromStr for TraceParent {
    type Err = BadTraceParent;

    fn from_str(text: &str) -> Result<Self, BadTraceParent> {
        let fields: Vec<&str> = text.split('-').collect();
        let ["00", trace, span, flags] = fields[..] else { return Err(BadTraceParent) };
        let is_hex = |text: &str, n_digits: usize| {
            text.len() == n_digits
                && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        if !(is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2)) {
            return Err(BadTraceParent);
        }
        let trace = TraceId::from_hex(trace).map_err(|_| BadTraceParent)?;
        let span = SpanId::from_hex(span).map_err(|_| BadTraceParent)?;
        let flags = u8::from_str_radix(flags, 16).map_err(|_| BadTraceParent)?;
        // Of the flags only the first is defined.
        let flags = TraceFlags::new(flags) & TraceFlags::SAMPLED;
        let name = SpanContext::new(trace, span, flags, true, TraceState::NONE);
        if name.is_valid() { Ok(Self(name)) } else { Err(BadTraceParent) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard, section 3.2.
    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn reads_and_writes_the_example_of_the_standard() {
        let name: TraceParent = EXAMPLE.parse().unwrap();
        assert_eq!(name.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(name.to_string(), EXAMPLE);
        let more_flags = EXAMPLE.replace("-01", "-ff").parse::<TraceParent>().unwrap();
        assert_eq!(more_flags.to_string(), EXAMPLE);
    }

    #[test]
    fn refuses_what_the_standard_calls_invalid() {
        for broken in [
            "",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f35-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-+1",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(broken.parse::<TraceParent>(), Err(BadTraceParent), "{broken}");
        }
    }

    #[test]
    fn a_span_that_nobody_traces_has_no_name() {
        let span = tracing::info_span!("untraced");
        EXAMPLE.parse::<TraceParent>().unwrap().lead(&span);
        assert_eq!(TraceParent::of(&span), None);
    }
}
