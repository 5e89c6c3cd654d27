"""Learned probabilities: the formula, the reasons in words, the job that works all of them out."""
