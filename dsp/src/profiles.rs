//! Key profiles: how often each pitch class sounds in a key, tonic first.

/// Albrecht & Shanahan (2013), "The use of large corpora to train a new type of key-finding algorithm",
/// Music Perception 31(1): major, minor.
pub(crate) const ALBRECHT: [[f64; 12]; 2] = [
    [0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081],
    [0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052],
];

/// `bgate` of Faraldo et al. (2017), learned on electronic music: major, minor.
pub(crate) const BGATE: [[f64; 12]; 2] = [
    [1.0, 0.0, 0.42, 0.0, 0.53, 0.37, 0.0, 0.77, 0.0, 0.38, 0.21, 0.30],
    [1.0, 0.0, 0.36, 0.39, 0.0, 0.38, 0.0, 0.74, 0.27, 0.0, 0.42, 0.23],
];

/// Temperley (2005, Kostka–Payne corpus): major, minor.
pub(crate) const TEMPERLEY: [[f64; 12]; 2] = [
    [0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400],
    [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330],
];
