//! What an operator says about a model: a TOML file beside it.

mod input;
mod likeness;
mod output;

use serde::Deserialize;

pub use input::{Axis, Input, LogMel, Logarithm, MelNorm, MelScale, Spectrum, Waveform};
pub use likeness::Likeness;
pub use output::{Kind, Output};

use crate::{Code, Refusal};

/// What an operator says about a model. Keys that are not known are refused.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Name in reports: lower-case letters, digits, `-`, `_` and `.`, 1 to 64 of them.
    pub name: String,
    /// Version in reports: 1 to 32 printable characters.
    pub version: String,
    /// Under which licence the operator may use the model; not empty.
    #[serde(default)]
    pub license: String,
    /// Where it is from; not empty.
    pub source: String,
    /// What it hears.
    pub input: Input,
    /// What it says.
    pub output: Output,
    /// What makes an embedding take part in matching.
    pub matching: Option<Likeness>,
}

impl Manifest {
    /// Largest manifest that is read, in bytes.
    pub const MAX_BYTES: u64 = 256 << 10;

    /// Reads and checks a manifest.
    ///
    /// # Errors
    ///
    /// [`Code::BadManifest`] and [`Code::Unlicensed`].
    pub fn from_toml(bytes: &[u8]) -> Result<Self, Refusal> {
        let text = std::str::from_utf8(bytes).map_err(|error| bad(error.to_string()))?;
        let manifest: Self = toml::from_str(text).map_err(|error| bad(one_line(&error)))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), Refusal> {
        let is_name = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-_.".contains(&c);
        if !(1..=64).contains(&self.name.len()) || !self.name.bytes().all(is_name) {
            return Err(bad("name: must be 1 to 64 of a-z, 0-9, -, _ and ."));
        }
        if self.license.trim().is_empty() {
            return Err(Refusal::new(
                Code::Unlicensed,
                "license: must say under which licence the model is used",
            ));
        }
        text("version", &self.version, 32)?;
        text("license", &self.license, 256)?;
        text("source", &self.source, 1024)?;
        self.input.check()?;
        self.output.check()?;
        let Some(likeness) = self.matching else { return Ok(()) };
        if self.output.kind != Kind::Embedding {
            return Err(bad("matching: only an embedding takes part in it"));
        }
        likeness.check()
    }
}

/// Something printable of at most `max` characters.
fn text(key: &str, value: &str, max: usize) -> Result<(), Refusal> {
    let n = value.trim().chars().count();
    if n == 0 || value.chars().count() > max || value.chars().any(char::is_control) {
        return Err(bad(format!("{key}: must be 1 to {max} printable characters")));
    }
    Ok(())
}

fn bad(detail: impl Into<String>) -> Refusal {
    Refusal::new(Code::BadManifest, detail)
}

/// What is wrong and in which line, without the picture of the line that TOML draws.
fn one_line(error: &toml::de::Error) -> String {
    error.message().replace('\n', " ")
}

/// A number within a range, both ends allowed.
fn within<T: PartialOrd + Copy + std::fmt::Display>(
    key: &str,
    value: T,
    min: T,
    max: T,
) -> Result<(), Refusal> {
    if value >= min && value <= max {
        Ok(())
    } else {
        Err(bad(format!("{key} is {value}, must be {min} to {max}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        name = "mood"
        version = "1"
        license = "MIT"
        source = "https://example.org/mood"
        [input]
        kind = "waveform"
        rate_hz = 16000
        window_samples = 16000
        hop_samples = 8000
        [output]
        kind = "regression"
        names = ["valence", "arousal"]
    "#;

    fn refusal(from: &str, to: &str) -> (Code, String) {
        assert!(GOOD.contains(from), "{from}");
        let refusal = Manifest::from_toml(GOOD.replacen(from, to, 1).as_bytes()).unwrap_err();
        (refusal.code, refusal.detail)
    }

    #[test]
    fn a_good_manifest_is_read() {
        let manifest = Manifest::from_toml(GOOD.as_bytes()).unwrap();
        assert_eq!(manifest.name, "mood");
        let Input::Waveform(input) = &manifest.input else { panic!("a waveform") };
        assert_eq!(input.axes, [Axis::One, Axis::Time]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |from: &str, to: &str, wanted: &str| {
            let (code, detail) = refusal(from, to);
            assert_eq!(code, Code::BadManifest, "{detail}");
            assert!(detail.contains(wanted), "{detail}");
        };
        check("name = \"mood\"", "name = \"Mood!\"", "name");
        check("version = \"1\"", "version = \"\"", "version");
        check("version = \"1\"", "", "version");
        check("source = \"https://example.org/mood\"", "source = ' '", "source");
        check("hop_samples = 8000", "hop_samples = 0", "input.hop_samples");
        check("hop_samples = 8000", "hop_samples = 8000\nhops = 1", "hops");
        check("[output]", "extra = 1\n[output]", "extra");
        check("name = \"mood\"", "name = \"mood\"\nnmae = 1", "nmae");
        check("rate_hz = 16000", "rate_hz = 100", "input.rate_hz");
        check("window_samples = 16000", "window_samples = 99999999", "input.window_samples");
        check("\"waveform\"", "\"cepstrum\"", "cepstrum");
        check("[\"valence\", \"arousal\"]", "[]", "output.names");
        check("[\"valence\", \"arousal\"]", "[\"a\", \"a\"]", "output.names");
        check("kind = \"regression\"", "kind = \"regression\"\nsize = 3", "output.size");
        check("name = \"mood\"", "name = ", "");
    }

    #[test]
    fn an_embedding_may_take_part_in_matching() {
        let output = "kind = \"regression\"\n        names = [\"valence\", \"arousal\"]";
        let with = |typical: &str, deviation: &str| {
            let embedding = format!(
                "kind = \"embedding\"\nsize = 8\n[matching]\ntypical = {typical}\ndeviation = {deviation}"
            );
            assert!(GOOD.contains(output));
            Manifest::from_toml(GOOD.replacen(output, &embedding, 1).as_bytes())
        };
        let likeness = with("0.25", "0.125").unwrap().matching;
        assert_eq!(likeness, Some(Likeness { typical: 0.25, deviation: 0.125 }));
        for (typical, deviation, wanted) in [
            ("1.5", "0.1", "matching.typical"),
            ("nan", "0.1", "matching.typical"),
            ("0.1", "0.0", "matching.deviation"),
            ("0.1", "inf", "matching.deviation"),
            ("0.1", "0.1\nspread = 1", "spread"),
        ] {
            let detail = with(typical, deviation).unwrap_err().detail;
            assert!(detail.contains(wanted), "{detail}");
        }
        let regression = format!("{GOOD}\n[matching]\ntypical = 0.1\ndeviation = 0.1");
        let refusal = Manifest::from_toml(regression.as_bytes()).unwrap_err();
        assert!(refusal.code == Code::BadManifest && refusal.detail.contains("matching"));
    }

    #[test]
    fn an_unlicensed_model_has_a_code_of_its_own() {
        assert_eq!(refusal("license = \"MIT\"", "license = ' '").0, Code::Unlicensed);
        assert_eq!(refusal("license = \"MIT\"", "").0, Code::Unlicensed);
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(Manifest::from_toml(&[0xff, 0xfe]).unwrap_err().code, Code::BadManifest);
    }
}
