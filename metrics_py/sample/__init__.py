"""A seeded company with known truth: extracts in the shapes of the raw contract, and what they must add up to."""

from metrics_py.sample.writing import SampleReport, generate

__all__ = ["SampleReport", "generate"]
