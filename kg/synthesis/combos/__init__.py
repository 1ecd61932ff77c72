"""Combinations of therapies: what was tried, whether it beat its parts, what it covers, what might be tried next."""
