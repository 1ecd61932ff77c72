"""Proposals before a person: the queue, what is shown of each, what readers decided, and the rows it becomes."""
