"""Text -> concepts and proposed findings, each with its place in the text."""
