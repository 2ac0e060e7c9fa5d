//! What parent and child say to each other.
//!
//! Both ends are always the same executable, so the shapes carry no version.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::TrainedEmotion;
use crate::config::MediaLimits;

/// The hidden subcommand of the binary.
pub const SUBCOMMAND: &str = "analyze-child";

/// Exit code of a child that could not limit itself or was called wrongly. Nothing was read.
pub const EXIT_SETUP: u8 = 87;

/// The one argument of the child: JSON. It holds no secret and no name of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The process that the child dies with.
    pub parent_pid: u32,
    /// Extension of the file's name, a hint for the decoder.
    pub extension: Option<String>,
    /// SHA-256 of the file in hex, when the parent knows it; else the child computes it.
    pub sha256: Option<String>,
    /// Cap of the heap.
    pub max_memory_bytes: u64,
    /// Limit of the CPU time.
    pub max_cpu_s: u64,
    /// Added to the process' niceness.
    pub nice: u8,
    /// Threads that share the work, 1 or more.
    pub n_threads: usize,
    /// What the decoder accepts.
    pub limits: MediaLimits,
    /// What is to be done.
    pub task: Task,
    /// What makes the emotion; the rule if nothing does. At most 64 KiB of JSON, so that an argument holds it.
    pub emotion: Option<TrainedEmotion>,
    /// Misbehaviour ordered by a test.
    #[cfg(debug_assertions)]
    pub fault: Option<super::Misbehaviour>,
}

/// What a child is to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Analyse the recording.
    Analyze,
    /// See whether a model can be used; there is no recording.
    CheckModel(ModelFiles),
    /// Run a model over the recording.
    RunModel(ModelFiles),
}

impl Task {
    /// What it is called in traces.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Analyze => "analyze",
            Self::CheckModel(_) => "check_model",
            Self::RunModel(_) => "run_model",
        }
    }
}

/// The files of a model, which the child opens before it shuts itself away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelFiles {
    /// The manifest.
    pub manifest: PathBuf,
    /// The ONNX file.
    pub onnx: PathBuf,
    /// Largest ONNX file that is read, in bytes.
    pub max_bytes: u64,
    /// What the files were when they were checked; they must be so still.
    pub card: Option<report::ModelCard>,
}

/// One line of the child's standard output. The last line is not [`Line::Progress`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Share of the recording that is done, 0 to 1.
    Progress(f64),
    /// The recording was analysed.
    Ok(Box<Outcome>),
    /// The model can be used.
    Checked(Box<report::ModelCard>),
    /// The model was run over the recording.
    Said(Box<Said>),
    /// The recording cannot be analysed, or the model cannot be used.
    Error(Failure),
}

/// Everything that came out of one recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The report.
    pub report: report::Report,
    /// What is kept beside it.
    pub details: report::Details,
    /// What the file says about itself.
    pub tags: report::Tags,
    /// Bytes of the [`matching::Descriptor`].
    #[serde(with = "base64_text")]
    pub descriptor: Vec<u8>,
    /// What it cost.
    pub stages: Stages,
    /// Largest resident memory of the child.
    pub peak_memory_bytes: Option<u64>,
    /// How much of the file system and network was shut away.
    pub sandbox: Sandbox,
}

/// What came out of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// What goes into the report.
    pub result: report::ModelResult,
    /// What went wrong, for the operator.
    pub trouble: Option<String>,
    /// What it cost, decoding included.
    pub time: StageTime,
}

/// Cost of each stage.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Stages {
    /// Bytes to samples.
    pub decode: StageTime,
    /// Samples to numbers.
    pub analysis: StageTime,
    /// Start of the child to its last line, everything included but models.
    pub total: StageTime,
    /// All models, each with its decoding.
    pub models: StageTime,
}

/// Time of one stage.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct StageTime {
    /// On the clock, in seconds.
    pub wall_s: f64,
    /// Of the processor, in seconds.
    pub cpu_s: f64,
}

impl StageTime {
    pub(super) fn add(&mut self, other: Self) {
        self.wall_s += other.wall_s;
        self.cpu_s += other.cpu_s;
    }
}

/// Why a recording cannot be analysed or a model not be used, said by the child itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable code: one of `decode`'s or `models`', or `io`.
    pub code: String,
    /// The same for people.
    pub detail: String,
}

/// How much of Landlock the kernel gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sandbox {
    /// Files, TCP, abstract sockets and signals to others are denied.
    Full,
    /// The kernel knows only some of them.
    Partial,
    /// The kernel has no Landlock.
    None,
}

mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(de: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(de)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_the_documented_shape() {
        let check = |line: &Line, text: &str| {
            assert_eq!(serde_json::to_string(line).unwrap(), text);
            assert_eq!(serde_json::from_str::<Line>(text).unwrap(), *line);
        };
        check(&Line::Progress(0.4), r#"{"progress":0.4}"#);
        let failure = Failure { code: "empty".into(), detail: "no sound".into() };
        check(&Line::Error(failure), r#"{"error":{"code":"empty","detail":"no sound"}}"#);
    }
}
