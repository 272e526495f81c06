"""The use cases: what a command, a page or the schedule asks for, above the steps of `pipeline`."""
