"""How often three answers of the built-in gallery show one character twice.

    moue find FOLDER … --json | python bench/repeats.py

The first tag of a built-in drawing is its character.
"""

import json
import sys


def main():
    faces = repeated = 0
    third = 0.0
    for line in sys.stdin:
        for face in json.loads(line)["faces"]:
            matches = face.get("matches") or []
            if len(matches) < 3:
                continue
            characters = {match["tags"][0] for match in matches}
            faces += 1
            repeated += len(characters) < len(matches)
            third += matches[2]["distance"]
    print(f"{repeated} of {faces} faces; mean distance of the third answer {third / faces:.3f}")


main()
