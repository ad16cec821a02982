"""A desktop that lends a hotkey: portal.py PROGRAM [ARGUMENT ...], in a session bus of its own.

Has the portal GlobalShortcuts of XDG, as far as a program needs it. Prints each shortcut that is asked for, presses
it, and ends the program two seconds later.
"""

import json
import subprocess
import sys

from gi.repository import Gio, GLib

PATH = "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
INTERFACE = """
<node>
  <interface name="org.freedesktop.portal.GlobalShortcuts">
    <method name="CreateSession">
      <arg type="a{sv}" direction="in"/><arg type="o" direction="out"/>
    </method>
    <method name="BindShortcuts">
      <arg type="o" direction="in"/><arg type="a(sa{sv})" direction="in"/>
      <arg type="s" direction="in"/><arg type="a{sv}" direction="in"/>
      <arg type="o" direction="out"/>
    </method>
    <signal name="Activated">
      <arg type="o"/><arg type="s"/><arg type="t"/><arg type="a{sv}"/>
    </signal>
  </interface>
</node>
"""

loop = GLib.MainLoop()


def answer(bus, invocation, token, results):
    """Ends a request: its handle now, its results as a signal."""
    sender = invocation.get_sender()
    handle = f"{PATH}/request/{sender[1:].replace('.', '_')}/{token}"
    invocation.return_value(GLib.Variant("(o)", (handle,)))
    body = GLib.Variant("(ua{sv})", (0, results))
    bus.emit_signal(sender, handle, "org.freedesktop.portal.Request", "Response", body)


def press(bus, session, shortcut):
    for where in [session + "_of_another", session]:
        body = GLib.Variant("(osta{sv})", (where, shortcut, 0, {}))
        bus.emit_signal(None, PATH, SHORTCUTS, "Activated", body)
    GLib.timeout_add_seconds(2, loop.quit)


def called(bus, sender, _path, _interface, method, parameters, invocation):
    if method == "CreateSession":
        (options,) = parameters.unpack()
        session = f"{PATH}/session/{sender[1:].replace('.', '_')}/{options['session_handle_token']}"
        answer(bus, invocation, options["handle_token"], {"session_handle": GLib.Variant("s", session)})
        return
    session, shortcuts, _window, options = parameters.unpack()
    print(json.dumps(shortcuts), flush=True)
    words = {"trigger_description": GLib.Variant("s", "Ctrl+Alt+J")}
    bound = GLib.Variant("a(sa{sv})", [(name, words) for name, _ in shortcuts])
    answer(bus, invocation, options["handle_token"], {"shortcuts": bound})
    GLib.timeout_add(200, press, bus, session, shortcuts[0][0])


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
    bus.register_object(PATH, interface, called)
    program = []
    Gio.bus_own_name_on_connection(
        bus,
        "org.freedesktop.portal.Desktop",
        Gio.BusNameOwnerFlags.NONE,
        lambda *_: program.append(subprocess.Popen(sys.argv[1:])),
        None,
    )
    GLib.timeout_add_seconds(20, loop.quit)
    loop.run()
    for started in program:
        started.terminate()


main()
