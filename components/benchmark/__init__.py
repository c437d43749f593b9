"""Measurements of the app on this machine, as ratios within one run."""
