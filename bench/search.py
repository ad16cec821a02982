"""Peers of the search on the vectors that `moue-bench --bin search` wrote.

CPU milliseconds a query, k = 3, one thread.

pip install faiss-cpu usearch hnswlib numpy
python bench/search.py FOLDER 400 10000 1000000
"""

import sys
import time
from functools import partial
from pathlib import Path

import faiss
import hnswlib
import numpy as np
from usearch.index import Index


def timed(call, queries, rounds):
    call(queries[:1])
    times = []
    for i in range(rounds):
        start = time.process_time()
        call(queries[i % len(queries)][None])
        times.append((time.process_time() - start) * 1e3)
    return min(times), float(np.median(times))


def recall(call, queries, truth):
    found = [set(np.asarray(call(q[None])).ravel()[:3].tolist()) for q in queries]
    return np.mean([len(f & set(t.tolist())) / 3 for f, t in zip(found, truth)])


def main():
    folder = Path(sys.argv[1])
    faiss.omp_set_num_threads(1)
    queries = np.fromfile(folder / "queries.f32", np.float32).reshape(-1, 64)
    print("| faces | peer | build CPU s | ms | median | recall at 3 |\n|---|---|---|---|---|---|")
    for size in map(int, sys.argv[2:]):
        table = np.fromfile(folder / f"{size}.f32", np.float32).reshape(-1, 64)
        rounds = 40 if size > 100_000 else 1000
        flat = faiss.IndexFlatL2(64)
        start = time.process_time()
        flat.add(table)
        took = time.process_time() - start
        truth = flat.search(queries, 3)[1]
        times = timed(partial(flat.search, k=3), queries, rounds)
        report(size, "faiss flat", took, times, 1.0)
        if size > 1_000_000:
            continue
        for name, make in (("faiss HNSW 32", faiss_hnsw), ("usearch", usearch), ("hnswlib", hnsw)):
            start = time.process_time()
            search = make(table)
            took = time.process_time() - start
            report(size, name, took, timed(search, queries, rounds), recall(search, queries, truth))


def faiss_hnsw(table):
    index = faiss.IndexHNSWFlat(64, 32)
    index.add(table)
    return lambda q: index.search(q, 3)[1]


def usearch(table):
    index = Index(ndim=64, metric="l2sq", dtype="f32")
    index.add(np.arange(len(table)), table, threads=1)
    return lambda q: index.search(q[0], 3, threads=1).keys


def hnsw(table):
    index = hnswlib.Index("l2", 64)
    index.init_index(len(table), M=16, ef_construction=200)
    index.set_num_threads(1)
    index.add_items(table)
    index.set_ef(50)
    return lambda q: index.knn_query(q, 3)[0]


def report(size, name, build, times, found):
    print(
        f"| {size} | {name} | {build:.1f} | {times[0]:.4f} | {times[1]:.4f} | {found:.3f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
