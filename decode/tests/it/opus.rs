//! Opus against libopus' own output.

use decode::Limits;

use crate::forged::ogg;
use crate::heard::{bytes, fixture, hear};

/// Every mode and container of Opus, sample by sample.
#[test]
fn agrees_with_libopus() {
    let golden = fixtures::golden("decode_opus");
    let tolerance = golden["tolerance"].as_f64().unwrap();
    for (name, expected) in golden["files"].as_object().unwrap() {
        let heard = fixture(name);
        assert_eq!(heard.summary.n_frames, expected["n_frames"].as_u64().unwrap(), "{name}");
        assert_eq!(u64::from(heard.format.n_channels), expected["n_channels"].as_u64().unwrap());
        for point in expected["samples"].as_array().unwrap() {
            let at = usize::try_from(point[0].as_u64().unwrap()).unwrap();
            let value = point[1].as_f64().unwrap();
            let got = f64::from(heard.samples[at]) * 32_768.0;
            assert!((got - value).abs() <= tolerance, "{name}[{at}]: {got} for {value}");
        }
    }
}

/// RFC 7845 §5.1: the output gain is to be applied, in 1/256 dB.
#[test]
fn applies_the_output_gain() {
    let mut louder = bytes("opus.opus");
    ogg::set_opus_gain(&mut louder, -6 * 256);
    let louder = hear(louder, &Limits::default()).unwrap();
    let plain = fixture("opus.opus");
    let factor = 10f32.powf(-6.0 / 20.0);
    for (got, was) in louder.samples.iter().zip(&plain.samples) {
        assert!((got - was * factor).abs() < 1e-6);
    }
}

/// Half of a gain of 12 dB is above full scale; it must come out as it is, not clipped.
#[test]
fn does_not_clip() {
    let mut louder = bytes("opus.opus");
    ogg::set_opus_gain(&mut louder, 12 * 256);
    let peak = hear(louder, &Limits::default()).unwrap().samples.into_iter().fold(0.0, f32::max);
    assert!(peak > 1.9, "peak {peak}");
}
