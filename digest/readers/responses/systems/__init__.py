"""Comments that a page loads by a script: which system has them, and how its answers are read."""
