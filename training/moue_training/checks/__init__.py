"""What the smoke test runs: short checks of the whole package on tiny data."""
