"""What `digest doctor` looks at, one module for each area; nothing is changed or mailed."""
