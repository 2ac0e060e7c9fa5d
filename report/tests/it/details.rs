//! Details: every version ever written still reads, and no recording makes more than is allowed.

use crate::golden;
use crate::samples::{known, unknown};
use report::{DETAILS_SCHEMA, Details, Error, MAX_DETAILS_BYTES};
use serde_json::Value;

const V1: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/formats/details/v1.json"));
const V1_STORED: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/formats/details/v1.zlib"));

#[test]
fn version_1_reads_without_loss() {
    let details = Details::from_json(V1).unwrap();
    assert!(details == Details::new(&known(0.0)));
    let read: Value = serde_json::from_slice(V1).unwrap();
    assert!(serde_json::to_value(&details).unwrap() == read);
    assert!(Details::from_bytes(V1_STORED).unwrap() == details);
}

#[test]
fn survives_being_stored() {
    for analysis in [known(0.0), unknown(dsp::Reason::Silence)] {
        let details = Details::new(&analysis);
        details.check().unwrap();
        let stored = details.to_bytes().unwrap();
        assert!(stored.len() < details.to_json().len());
        assert!(Details::from_bytes(&stored).unwrap() == details);
        assert_eq!(Details::fingerprint_from_bytes(&stored).unwrap(), details.fingerprint);
        assert_eq!(Details::new(&analysis).to_bytes().unwrap(), stored, "the same bytes again");
    }
}

#[test]
fn points_and_pairs_are_in_their_units() {
    let details = Details::new(&known(0.0));
    assert_eq!(details.waveform.n_pixels(), 1723);
    let (low, high) = details.waveform.pairs().nth(1).unwrap();
    assert_eq!((low, high), (-2.0 / 128.0, 1.0 / 128.0));
    assert!((details.waveform.pixel_s() - 512.0 / 44_100.0).abs() < 1e-12);
    let (time_s, lufs) = details.loudness.points().nth(10).unwrap();
    assert!((time_s - 1.2).abs() < 1e-12);
    assert!((lufs - -19.9).abs() < 0.01, "{lufs}");
    assert_eq!(details.spectrogram.columns().len(), 215);
    assert_eq!(details.chroma.columns().nth(3).unwrap()[3], 255);
}

#[test]
fn what_does_not_fit_is_refused() {
    let check = |field: &'static str, spoil: fn(&mut Details)| {
        let mut details = Details::new(&known(0.0));
        spoil(&mut details);
        let read = Details::from_json(details.to_json().as_bytes());
        assert!(matches!(read, Err(Error::Inconsistent { field: found }) if found == field));
    };
    check("waveform.peaks", |d| d.waveform.peaks.push(0));
    check("waveform.sample_rate_hz", |d| d.waveform.sample_rate_hz = 0);
    check("spectrogram.levels", |d| d.spectrogram.levels.push(0));
    check("spectrogram.n_rows", |d| d.spectrogram.n_rows = 0);
    check("spectrogram.column_s", |d| d.spectrogram.column_s = 0.0);
    check("chroma.strengths", |d| d.chroma.strengths.push(0));
    let other =
        String::from_utf8(V1.to_vec()).unwrap().replace(DETAILS_SCHEMA, "consort.details/2");
    assert!(matches!(
        Details::from_json(other.as_bytes()),
        Err(Error::UnknownSchema { found, .. }) if found == "consort.details/2"
    ));
}

/// The longest recording that is accepted: 3.5 hours, with the most pixels a second.
#[test]
fn the_longest_recording_stays_below_the_limit() {
    const SECONDS: usize = 12_600;
    let mut analysis = known(0.0);
    let n_pixels = SECONDS * 48_000 / 512;
    analysis.curves.waveform.min = vec![-100; n_pixels];
    analysis.curves.waveform.max = vec![100; n_pixels];
    analysis.curves.momentary_lufs = vec![-20.0; SECONDS * 10];
    analysis.curves.spectrogram.levels = vec![99; 64 * dsp::curves::spectrogram::MAX_COLUMNS];
    analysis.curves.chroma.columns = vec![[200; 12]; SECONDS * 22_050 / (21 * 512) + 1];
    let structure = analysis.structure.as_mut().unwrap();
    structure.segments = vec![structure.segments[0]; SECONDS * 10];
    analysis.fingerprint = Ok(dsp::Fingerprint(vec![u32::MAX; SECONDS * 9]));
    let details = Details::new(&analysis);
    let n_bytes = details.to_json().len() as u64;
    assert!(n_bytes < MAX_DETAILS_BYTES, "{n_bytes} bytes");
    details.to_bytes().unwrap();

    let mut too_large = details;
    too_large.waveform.peaks = vec![0; 14 << 20];
    assert!(matches!(too_large.to_bytes(), Err(Error::TooLarge { .. })));
}

#[test]
fn the_committed_schema_and_fixture_are_current() {
    let schema = serde_json::to_string_pretty(&report::details_schema()).unwrap() + "\n";
    let details = Details::new(&known(0.0)).to_json() + "\n";
    golden::check(&[
        ("report/schema/details.v1.json", schema.as_bytes()),
        ("fixtures/formats/details/v1.json", details.as_bytes()),
    ]);
}
