"""Memory of `moue serve` under steady load: searches, uploads, pages and removals for some minutes.

    python bench/server/steady.py MOUE PICTURE.jpg [MINUTES] [REQUESTS-A-SECOND]

Prints the resident memory after each minute and the answers by status. Standard library alone.
"""

import collections
import http.client
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time


def main():
    moue, picture = sys.argv[1], pathlib.Path(sys.argv[2]).read_bytes()
    minutes = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    pause = 1 / float(sys.argv[4] if len(sys.argv) > 4 else 10)
    with tempfile.TemporaryDirectory() as folder:
        log = open(f"{folder}/log", "w")
        command = [moue, "serve", "--listen", "127.0.0.1:0", "--gallery", f"{folder}/my.moue"]
        server = subprocess.Popen(command, stderr=log)
        while not (found := re.search(r"127\.0\.0\.1:\d+", pathlib.Path(log.name).read_text())):
            time.sleep(0.1)
        statuses = collections.Counter()
        connection = http.client.HTTPConnection(found.group(0))

        def ask(method, path, body=None, media="image/jpeg"):
            connection.request(method, path, body, {"content-type": media} if body else {})
            answer = connection.getresponse()
            statuses[answer.status] += 1
            return answer.read()

        number, begun = 0, time.monotonic()
        for minute in range(1, minutes + 1):
            while time.monotonic() < begun + 60 * minute:
                number += 1
                ask("POST", "/v1/find?effort=live", picture)
                if number % 10 == 0:
                    # What follows a JPEG's end makes it another file.
                    added = json.loads(ask("POST", "/v1/pictures", picture + str(number).encode()))
                    ask("GET", f"/v1/pictures/{added['id']}/thumbnail?of=picture")
                    ask("DELETE", f"/v1/pictures/{added['id']}")
                    ask("GET", "/v1/pictures?limit=200")
                time.sleep(pause)
            memory = pathlib.Path(f"/proc/{server.pid}/status").read_text().split("VmRSS:")[1].split()[0]
            print(f"minute {minute}: {int(memory) / 1000:.1f} MB, {dict(statuses)}", flush=True)
        server.terminate()
        server.wait(30)


main()
