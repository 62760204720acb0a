"""A stream of numbers with two faults in it: a sequence memory says where it is unusual.

python examples/htm_anomaly.py

Numbers are encoded so that near ones share bits, a Temporal Memory learns what follows what, a
classifier reads the next number from its cells, and the anomaly likelihood tells whether its
surprise is unusual for this stream.
"""

import numpy as np

from l2c.engines.htm.anomaly import AnomalyLikelihood, log_score
from l2c.engines.htm.classifier import SDRClassifier
from l2c.engines.htm.encoders import ScalarEncoder
from l2c.engines.htm.parameters import TemporalMemoryParameters
from l2c.engines.htm.reference import TemporalMemory

rng = np.random.default_rng(1)
stream = np.round(10 * np.sin(np.arange(1200) * 2 * np.pi / 24)) + rng.choice([0, 0, 0, 1], 1200)
stream[900:906] = 0  # it stands still
stream[1050:1056] = [9, -9, 9, -9, 9, -9]  # it shakes

encoder = ScalarEncoder(resolution=1.0, size=400, active=21)
memory = TemporalMemory(TemporalMemoryParameters(columns=400, cells_per_column=8))
likelihood = AnomalyLikelihood(learning_period=300, estimation_samples=200)
classifier = SDRClassifier(400 * 8, 23)

found, foretold = [], []
for value in stream:
    foretold.append(classifier.infer(memory.active_cells).argmax() == value + 11)
    classifier.learn(memory.active_cells, int(value) + 11)
    score = memory.step(encoder.encode(float(value)).active.astype(np.int32), learn=True)
    found.append(log_score(likelihood.update(score, float(value))))

for begin in range(500, 1200, 10):
    value, unusual = stream[begin], max(found[begin : begin + 10])
    place = " " * int(value + 12) + "*"
    print(f"{begin:5} {place:<28} {'#' * int(40 * unusual)}")
print(f"of the usual numbers {np.mean(foretold[500:900]):.0%} were foretold")
print(f"most unusual at {int(np.argmax(found))}")
