"""Core-seconds that essentia's MusicExtractor takes for one recording of a minute, six times.

    python3 -m venv venv && venv/bin/pip install essentia==2.1b6.dev1389
    OMP_NUM_THREADS=1 venv/bin/python benches/peers/speed.py MINUTE.wav

To be run in the hour in which the own analysis is measured: the speed of a virtual machine wavers.
"""

import sys
import time

import essentia

essentia.log.infoActive = False
import essentia.standard as standard

STATISTICS = ["mean", "stdev"]
extractor = standard.MusicExtractor(
    lowlevelStats=STATISTICS, rhythmStats=STATISTICS, tonalStats=STATISTICS
)
for _ in range(6):
    start = time.process_time()
    extractor(sys.argv[1])
    print(f"{time.process_time() - start:.3f}")
