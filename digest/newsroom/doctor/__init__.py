"""The examinations of `digest doctor`, one module for each area; nothing is changed or mailed."""
