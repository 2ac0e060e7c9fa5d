//! What is refused, and with which code.

use models::{Code, Model, Refusal};

use crate::{bytes, load};

fn refusal(name: &str) -> Refusal {
    load(name).and_then(|model| model.check()).unwrap_err()
}

#[test]
fn good_models_pass() {
    for name in [
        "good/embedding",
        "good/regression",
        "good/classes",
        "loud/nan",
        "loud/loop",
        "loud/hungry",
    ] {
        load(name).unwrap().check().unwrap();
    }
}

#[test]
fn bad_models_are_refused_with_their_codes() {
    let check = |name: &str, code: Code, wanted: &str| {
        let refusal = refusal(name);
        assert_eq!(refusal.code, code, "{name}: {refusal}");
        assert!(refusal.detail.contains(wanted), "{name}: {refusal}");
    };
    check("bad/missing_operator", Code::UnsupportedOperator, "Enchant");
    check("bad/random", Code::UnsupportedOperator, "RandomUniform");
    check("bad/wrong_shape", Code::WrongShape, "[1, 123]");
    check("bad/wrong_values", Code::WrongShape, ", 4]");
    check("bad/wrong_type", Code::WrongInput, "Int32");
    check("bad/two_inputs", Code::WrongInput, "2 inputs");
    check("bad/external_data", Code::ExternalData, "weight.bin");
    check("bad/nan", Code::NotFinite, "tone");
    check("bad/out_of_range", Code::OutOfRange, "tone");
}

#[test]
fn an_output_that_is_not_there_is_refused() {
    let manifest = String::from_utf8(bytes("good/embedding.toml")).unwrap() + "name = \"five\"\n";
    let refusal = Model::load(manifest.as_bytes(), bytes("good/embedding.onnx")).unwrap_err();
    assert_eq!(refusal.code, Code::WrongOutput);
}

#[test]
fn what_is_not_onnx_is_refused() {
    let manifest = bytes("good/embedding.toml");
    let not_onnx: [&[u8]; 5] = [b"", b"{}", b"This is a text.", b"RTEN0000", &[0; 4096]];
    for onnx in not_onnx {
        let refusal = Model::load(&manifest, onnx.to_vec()).unwrap_err();
        assert_eq!(refusal.code, Code::NotOnnx, "{refusal}");
    }
}

// Property: a torn or damaged file is refused or works, and never panics.
#[test]
fn torn_and_damaged_files_are_refused_or_work() {
    let (manifest, whole) = (bytes("good/classes.toml"), bytes("good/classes.onnx"));
    for n in 0..whole.len() {
        let _ = Model::load(&manifest, whole[..n].to_vec()).and_then(|model| model.check());
        for mask in [0x01, 0x80, 0xff] {
            let mut damaged = whole.clone();
            damaged[n] ^= mask;
            let _ = Model::load(&manifest, damaged).and_then(|model| model.check());
        }
    }
}
