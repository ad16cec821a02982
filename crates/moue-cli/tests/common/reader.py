"""What a screen reader is told: reader.py WORDS PROGRAM [ARGUMENT ...], in a session bus of its own.

Prints the role and the name of each part of the program's window, once a name has these words.
"""

import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

STATUS = "org.a11y.Status"
SECONDS = 20


def announce_reader():
    """Tells programs that somebody listens: without that they keep their windows to themselves."""
    subprocess.Popen(["/usr/libexec/at-spi-bus-launcher", "--launch-immediately"])
    for name in ["IsEnabled", "ScreenReaderEnabled"]:
        subprocess.run(
            ["dbus-send", "--session", "--print-reply", "--dest=org.a11y.Bus", "/org/a11y/bus"]
            + ["org.freedesktop.DBus.Properties.Set", f"string:{STATUS}", f"string:{name}"]
            + ["variant:boolean:true"],
            check=True,
            stdout=subprocess.DEVNULL,
        )


def parts(of):
    """All parts below one, in their order."""
    for number in range(of.get_child_count()):
        part = of.get_child_at_index(number)
        if part is not None:
            yield f"{part.get_role_name()} {part.get_name()}"
            yield from parts(part)


def main():
    words, *command = sys.argv[1:]
    announce_reader()
    program = subprocess.Popen(command)
    Atspi.init()
    told = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and not any(words in part for part in told):
        time.sleep(0.3)
        # A window that changes meanwhile has parts that are gone.
        try:
            told = list(parts(Atspi.get_desktop(0)))
        except gi.repository.GLib.Error:
            told = []
    program.kill()
    print("\n".join(told))
    return 0 if any(words in part for part in told) else 1


sys.exit(main())
