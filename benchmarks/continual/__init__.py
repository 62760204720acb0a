"""Learning a stream that changes: what is predicted, kept and lost, by whom, in which way.

    python -m benchmarks.continual [--seeds 5] [--streams …] [--learners …] [--data FOLDER]

A stream has four tasks, one after the other. Every chunk of it is predicted before it is learned
(prequential), and after every task the held-out part of each task is read. Figures are bits per
byte; a token is one byte of the stream's file.

- *forgetting*: how much worse a held-out part is read at the end than at its best, on average.
- *backward transfer*: how much better an earlier task is read at the end than when it was new.
- *forward transfer*: how much better a task is read before it is learned than by the untaught.
- *CPU seconds*: what one run took of one core, predicting and learning.

(Lopez-Paz & Ranzato 2017, "Gradient episodic memory", for the three; Dawid 1984 for prequential.)

`streams.py` makes the streams, `strategies.py` says how a network goes on learning, and every file
in `learners/` is a learner: a new one is a new file with `STRATEGIES` and `engine`. The results are
`results/continual.json`, the same as rows in `continual.csv`, and a plot of each stream.
"""
