"""Measures: one file per question, from the cases of a docket to counts and intervals."""
