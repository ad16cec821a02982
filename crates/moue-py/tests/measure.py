"""Print the size of a wheel and what importing it costs; exit with 1 where one is over its limit.

Usage: measure.py WHEEL MEGABYTES MILLISECONDS
"""

import subprocess
import sys
from pathlib import Path


def processor_time(code: str) -> float:
    """Return the processor time in milliseconds of a new interpreter, the least of several runs."""
    # Less is nearer to what the code itself needs: other programs only ever add to it.
    probe = f"{code}\nimport time\nprint(time.process_time())"
    runs = [
        subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True, text=True)
        for _ in range(15)
    ]
    return min(float(run.stdout) for run in runs) * 1000


def main() -> None:
    wheel, max_megabytes, max_milliseconds = sys.argv[1:]
    megabytes = Path(wheel).stat().st_size / 1e6
    milliseconds = processor_time("import moue") - processor_time("")
    print(f"{Path(wheel).name}: {megabytes:.1f} MB, import moue: {milliseconds:.0f} ms of CPU")
    if megabytes > float(max_megabytes) or milliseconds > float(max_milliseconds):
        sys.exit(f"over {max_megabytes} MB or {max_milliseconds} ms")


if __name__ == "__main__":
    main()
