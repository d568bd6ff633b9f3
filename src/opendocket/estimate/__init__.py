"""Estimators: arrays in, shares, curves and medians with intervals out; and small cells."""
