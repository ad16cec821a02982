"""Pictures for schemathesis: a description cannot say which bytes are one.

Half of the bodies of a type `image/*` are pictures with a face, each of another content, so that
requests succeed and what follows from their answers is tried too; the others are any bytes.
"""

from pathlib import Path

import schemathesis
from hypothesis import strategies as st

PICTURES = [
    (Path(__file__).resolve().parent / "../../docs" / name).read_bytes()
    for name in ("sample-head.jpg", "sample.png")
]

# What follows a picture's end is ignored, and makes it another file.
pictures = st.builds(lambda picture, end: picture + end, st.sampled_from(PICTURES), st.binary(max_size=8))

schemathesis.openapi.media_type("image/*", st.one_of(pictures, st.binary()))
