"""The smoke test: short checks of the whole package on tiny data."""
