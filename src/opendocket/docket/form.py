"""The form of a docket, which a program must know to read one."""

FORMAT = 3
"""Raised when a docket's tables change so that older ones cannot be read."""
