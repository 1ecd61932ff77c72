"""Benchmarks: `python -m tests.benchmarks [--quick] [-o FILE]` prints every figure of the README."""
