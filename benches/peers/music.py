"""What librosa and essentia say of the recordings of a folder, as `peers.jsonl` beside its `truth.csv`.

    python3 -m venv venv && venv/bin/pip install librosa==0.11.0 essentia==2.1b6.dev1389 soundfile==0.14.0
    venv/bin/python benches/peers/music.py DIR

The settings are the ones that each project's documentation shows first. `docs/accuracy.md` says what is done with the
file. Both programs are called and never a part of this project.
"""

import csv
import json
import sys
from pathlib import Path

import essentia.standard as essentia
import librosa
import numpy as np
import soundfile

# Krumhansl's profiles, which many users of librosa correlate its chroma with: it has no key of its own.
MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
MINOR = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]
NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]


def of_librosa(mono, rate_hz):
    samples = librosa.resample(mono, orig_sr=rate_hz, target_sr=22050)
    tempo, beats = librosa.beat.beat_track(y=samples, sr=22050, units="time")
    chroma = librosa.feature.chroma_cqt(y=samples, sr=22050).mean(axis=1)
    strengths = [
        (np.corrcoef(np.roll(profile, tonic), chroma)[0, 1], NAMES[tonic], mode)
        for mode, profile in (("major", MAJOR), ("minor", MINOR))
        for tonic in range(12)
    ]
    _, key, mode = max(strengths)
    return float(np.atleast_1d(tempo)[0]), [round(float(t), 5) for t in beats], key, mode


def of_essentia(mono, rate_hz):
    samples = essentia.Resample(inputSampleRate=rate_hz, outputSampleRate=44100)(mono)
    bpm, beats, *_ = essentia.RhythmExtractor2013(method="multifeature")(samples)
    key, mode, _ = essentia.KeyExtractor()(samples)
    sharps = {"Ab": "G#", "Bb": "A#", "Db": "C#", "Eb": "D#", "Gb": "F#"}
    return float(bpm), [round(float(t), 5) for t in beats], sharps.get(key, key), mode


def main():
    folder = Path(sys.argv[1])
    with (folder / "truth.csv").open() as table, (folder / "peers.jsonl").open("w") as out:
        for row in csv.DictReader(table):
            samples, rate_hz = soundfile.read(folder / row["file"], dtype="float32", always_2d=True)
            mono = np.ascontiguousarray(samples.mean(axis=1))
            for peer, listen in (("librosa", of_librosa), ("essentia", of_essentia)):
                tempo, beats, key, mode = listen(mono, rate_hz)
                said = {"file": row["file"], "peer": peer, "tempo_bpm": tempo, "beats": beats, "key": key, "mode": mode}
                out.write(json.dumps(said) + "\n")


main()
