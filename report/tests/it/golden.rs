//! Comparison with committed files, byte for byte.

use std::path::Path;

/// Compares each of `files` with the committed one of the same path below the workspace.
///
/// What differs is written to the folder for temporary files of tests: copy it over the committed file if the change is
/// meant.
pub(crate) fn check(files: &[(&str, &[u8])]) {
    let mut differing = Vec::new();
    for (path, actual) in files {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
        if std::fs::read(&committed).unwrap_or_default() != *actual {
            let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join(path);
            std::fs::create_dir_all(new.parent().unwrap()).unwrap();
            std::fs::write(&new, actual).unwrap();
            differing.push(new.display().to_string());
        }
    }
    assert!(differing.is_empty(), "the code now makes {}", differing.join(", "));
}
