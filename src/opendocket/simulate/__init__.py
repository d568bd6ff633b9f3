"""Simulate the courts: which docket keeps its promise, and what it costs everyone else."""
