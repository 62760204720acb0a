"""The main job: a turn in, an answer out, nothing lost."""
