//! OpenSubsonic under `/rest`: the extension `sonicSimilarity`, so that music players which know it ask Consort what goes together.
//!
//! `methods` is the table of what there is; the router and the OpenAPI document are made from it. A request goes through `door`: its
//! `parameters` are read, its `key` is looked at, one of `methods` answers, and `answer` writes that as XML or JSON. What a client did
//! wrong is answered with 200 and a code inside, as the protocol has it (`failure`); a fault of ours is the 5xx that it is everywhere.
//!
//! # Source
//!
//! OpenSubsonic API: "API Reference", extensions `apiKeyAuthentication`, `formPost` and `sonicSimilarity` (version 1 of each), responses
//! `subsonic-response`, `error`, `Child` and `sonicMatch`. The XML follows the Subsonic API 1.16.1.

mod answer;
mod child;
mod document;
mod door;
mod failure;
mod key;
mod methods;
mod parameters;
mod xml;

pub(crate) use document::describe;
pub(crate) use door::router;
