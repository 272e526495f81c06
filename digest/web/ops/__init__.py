"""The pages for machines: health and metrics, on a listener of their own."""
