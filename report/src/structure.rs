//! `structure`: silences, fades and sections.

use crate::{Reason, digits::rounded, reason::split};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The parts of a recording; its segments are too many for a report and stored beside it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Structure {
    /// Where a fade-in ends, seconds, 0 if there is none, 2 decimals.
    pub fade_in_end_s: Option<f64>,
    /// Where a fade-out starts, seconds, the duration if there is none, 2 decimals.
    pub fade_out_start_s: Option<f64>,
    /// Stretches of at least 0.5 s below -60 dBFS, ascending.
    pub silences: Vec<Span>,
    /// Parts of the form, which tile the recording; empty when unknown.
    pub sections: Vec<Section>,
    /// Why `sections` is empty though the rest is known.
    pub sections_reason: Option<Reason>,
    /// Why the above is `null` or empty.
    pub reason: Option<Reason>,
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// Start, seconds, 2 decimals.
    pub start_s: f64,
    /// End, seconds, 2 decimals.
    pub end_s: f64,
}

/// A part of the form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    /// Start, seconds, 3 decimals.
    pub start_s: f64,
    /// End, seconds, 3 decimals.
    pub end_s: f64,
    /// Sections that sound alike have one letter, in the order of their first appearance: "A", "B", … "Z".
    pub label: String,
    /// How clearly it is set off from its neighbours, 0 to 1, 3 decimals.
    pub confidence: f64,
}

impl From<&dsp::Estimate<dsp::Structure>> for Structure {
    fn from(estimate: &dsp::Estimate<dsp::Structure>) -> Self {
        let (structure, reason) = split(estimate);
        let (sections, sections_reason) = structure.map_or((None, None), |s| split(&s.sections));
        Self {
            fade_in_end_s: structure.and_then(|s| rounded(s.fade_in_end_s, 2)),
            fade_out_start_s: structure.and_then(|s| rounded(s.fade_out_start_s, 2)),
            silences: structure
                .map(|s| s.silences.iter().filter_map(span).collect())
                .unwrap_or_default(),
            sections: sections
                .map(|sections| sections.iter().filter_map(section).collect())
                .unwrap_or_default(),
            sections_reason,
            reason,
        }
    }
}

fn span(span: &dsp::Span) -> Option<Span> {
    Some(Span { start_s: rounded(span.start_s, 2)?, end_s: rounded(span.end_s, 2)? })
}

fn section(section: &dsp::Section) -> Option<Section> {
    Some(Section {
        start_s: rounded(section.start_s, 3)?,
        end_s: rounded(section.end_s, 3)?,
        label: char::from(b'A' + section.label.min(25)).to_string(),
        confidence: rounded(section.confidence, 3)?,
    })
}
