"""The learner: from what was said to a better checkpoint, or an honest refusal."""
