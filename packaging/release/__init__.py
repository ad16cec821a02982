"""Makes the packages of a release from built programs: `python3 -m release --help`, in `packaging/`."""
