"""A made-up release with the real layout, codes and dirt, calibrated to published figures."""

from opendocket.synthetic.make import NATIONAL, SyntheticRelease, synthesize

__all__ = ["NATIONAL", "SyntheticRelease", "synthesize"]
