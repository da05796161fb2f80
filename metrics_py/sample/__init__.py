"""A seeded company with known truth: extracts in the shapes of the raw contract, and what they must add up to."""

from metrics_py.sample.generate import SampleReport, generate

__all__ = ["SampleReport", "generate"]
