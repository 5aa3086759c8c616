"""The pipeline from captured documentation pages to a generated client."""
