//! The list of formats.

use std::fmt;
use std::str::FromStr;

use crate::formats::{Recording, beats, csv, essentia, jams, spotify, svg, waveform};

/// Version of everything that changes a byte of a format other than our own JSON for the same report.
pub const FORMATS_VERSION: u32 = 4;

/// Why a recording cannot be given in a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The format needs details, and none were kept.
    #[error("the format needs details that were not kept with this report")]
    NoDetails,
}

macro_rules! formats {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $media_type:literal, $extension:literal;)+) => {
        /// A shape in which a report can be given.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Format {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Format {
            /// All formats.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Name, as in URLs and on command lines.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Media type.
            pub fn media_type(self) -> &'static str {
                match self {
                    $(Self::$variant => $media_type,)+
                }
            }

            /// Extension of a file, without the dot.
            pub fn extension(self) -> &'static str {
                match self {
                    $(Self::$variant => $extension,)+
                }
            }
        }
    };
}

formats! {
    /// The report as it is.
    Json = "json", "application/json", "json";
    /// The details beside the report as they are.
    Details = "details", "application/json", "details.json";
    /// Spotify's audio features.
    SpotifyFeatures = "spotify-features", "application/json", "features.json";
    /// Spotify's audio analysis.
    SpotifyAnalysis = "spotify-analysis", "application/json", "analysis.json";
    /// The low-level part of Essentia's music extractor and of AcousticBrainz.
    Essentia = "essentia", "application/json", "essentia.json";
    /// JSON Annotated Music Specification.
    Jams = "jams", "application/json", "jams";
    /// Beats with their place in the bar.
    Beats = "beats", "text/tab-separated-values; charset=utf-8", "beats";
    /// One row below the names of its columns.
    Csv = "csv", "text/csv; charset=utf-8; header=present", "csv";
    /// Peaks of the waveform, audiowaveform's binary form.
    WaveformDat = "waveform-dat", "application/octet-stream", "dat";
    /// Peaks of the waveform, audiowaveform's JSON.
    WaveformJson = "waveform-json", "application/json", "waveform.json";
    /// Picture of the waveform with beats and sections.
    SvgWaveform = "svg-waveform", "image/svg+xml", "waveform.svg";
    /// Picture of the mel bands.
    SvgSpectrogram = "svg-spectrogram", "image/svg+xml", "spectrogram.svg";
    /// Picture of the pitch classes.
    SvgChroma = "svg-chroma", "image/svg+xml", "chroma.svg";
    /// Picture of the loudness.
    SvgLoudness = "svg-loudness", "image/svg+xml", "loudness.svg";
}

impl Format {
    /// Whether it is text, which a terminal can show.
    pub fn is_text(self) -> bool {
        self != Self::WaveformDat
    }

    /// Whether it needs the details beside the report.
    pub fn needs_details(self) -> bool {
        matches!(
            self,
            Self::Details
                | Self::SpotifyAnalysis
                | Self::WaveformDat
                | Self::WaveformJson
                | Self::SvgWaveform
                | Self::SvgSpectrogram
                | Self::SvgChroma
                | Self::SvgLoudness
        )
    }

    /// A recording in this format. Text ends with a line break.
    ///
    /// # Errors
    ///
    /// [`FormatError::NoDetails`] if the format needs details and there are none.
    pub fn render(self, recording: &Recording<'_>) -> Result<Vec<u8>, FormatError> {
        let text = match self {
            Self::Json => recording.report.to_json(),
            Self::Details => recording.details()?.to_json(),
            Self::SpotifyFeatures => spotify::features(recording).to_string(),
            Self::SpotifyAnalysis => spotify::analysis(recording)?.to_string(),
            Self::Essentia => essentia::low_level(recording).to_string(),
            Self::Jams => jams::document(recording).to_string(),
            Self::Beats => beats::lines(recording),
            Self::Csv => format!("{}\n{}", csv::header(), csv::row(recording)),
            Self::WaveformDat => return waveform::dat(recording),
            Self::WaveformJson => waveform::json(recording)?.to_string(),
            Self::SvgWaveform => svg::waveform(recording)?,
            Self::SvgSpectrogram => svg::spectrogram(recording)?,
            Self::SvgChroma => svg::chroma(recording)?,
            Self::SvgLoudness => svg::loudness(recording)?,
        };
        let mut bytes = text.into_bytes();
        if bytes.last().is_some_and(|&last| last != b'\n') {
            bytes.push(b'\n');
        }
        Ok(bytes)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such format")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.iter().copied().find(|format| format.as_str() == name).ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_and_extensions_are_unique_and_read_back() {
        for &format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        assert_eq!("JSON".parse::<Format>(), Err(UnknownFormat));
        let extensions: HashSet<_> = Format::ALL.iter().map(|format| format.extension()).collect();
        assert_eq!(extensions.len(), Format::ALL.len());
    }
}
