"""Top 10 of vectors among all of them with faiss, hnswlib and usearch, on one thread.

    cargo run --release -p benches --bin matching -- --tracks 100000 --export vectors.f32
    python3 -m venv venv && venv/bin/pip install faiss-cpu hnswlib usearch numpy
    venv/bin/python benches/peers/vectors.py vectors.f32 [--queries 10000] [--json]

The vectors are the 64 numbers of timbre alone: these programs know nothing of other facets, of confidences and of
percentiles. Exact searches are told by "exact"; the recall of the others is against faiss' exact inner product or distance.
"""

import argparse
import json
import time

import faiss
import hnswlib
import numpy as np
from usearch.index import Index, MetricKind, search

K = 10
N_DIMENSIONS = 64


def measured(name, n_pairs_per_query, build, ask, truth):
    """One row: what building costs, and what asking costs once it is built."""
    cpu = time.process_time()
    index = build()
    build_cpu_s = time.process_time() - cpu
    cpu, wall = time.process_time(), time.perf_counter()
    found = ask(index)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    recall = None
    if truth is not None:
        recall = float(np.mean([len(set(a) & set(b)) / K for a, b in zip(found, truth)]))
    n = len(found)
    return found, {
        "name": name,
        "build_cpu_s": build_cpu_s,
        "cpu_s": cpu,
        "wall_s": wall,
        "queries_per_cpu_s": n / cpu,
        "queries_per_wall_s": n / wall,
        "pairs_per_cpu_s": n * n_pairs_per_query / cpu if n_pairs_per_query else None,
        "recall": recall,
    }


def rows(vectors, queries):
    """All programs, one after the other."""
    n = len(vectors)
    faiss.omp_set_num_threads(1)

    def flat(kind):
        def build():
            index = kind(N_DIMENSIONS)
            index.add(vectors)
            return index

        return build

    def with_hnswlib():
        index = hnswlib.Index(space="l2", dim=N_DIMENSIONS)
        index.init_index(max_elements=n, M=16, ef_construction=200)
        index.set_num_threads(1)
        index.add_items(vectors, num_threads=1)
        index.set_ef(128)
        return index

    def with_usearch():
        index = Index(ndim=N_DIMENSIONS, metric=MetricKind.L2sq, dtype="f16", connectivity=16)
        index.expansion_search = 128
        index.add(np.arange(n), vectors, threads=1)
        return index

    def with_hnsw():
        index = faiss.IndexHNSWFlat(N_DIMENSIONS, 16)
        index.hnsw.efConstruction = 200
        index.add(vectors)
        index.hnsw.efSearch = 128
        return index

    def ask(index):
        return index.search(queries, K)[1]

    _, row = measured("faiss IndexFlatIP (exact)", n, flat(faiss.IndexFlatIP), ask, None)
    yield row
    truth, row = measured("faiss IndexFlatL2 (exact)", n, flat(faiss.IndexFlatL2), ask, None)
    yield row
    few = queries[: max(1, len(queries) // 20)]
    _, row = measured(
        "usearch (exact)",
        n,
        lambda: None,
        lambda _: search(vectors, few, K, MetricKind.L2sq, exact=True, threads=1).keys,
        truth,
    )
    yield row
    yield measured("faiss HNSW16", None, with_hnsw, ask, truth)[1]
    yield measured(
        "hnswlib M=16", None, with_hnswlib, lambda index: index.knn_query(queries, K, num_threads=1)[0], truth
    )[1]
    yield measured("usearch f16", None, with_usearch, lambda index: index.search(queries, K, threads=1).keys, truth)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vectors")
    parser.add_argument("--queries", type=int, default=10_000, help="the first so many vectors are asked for")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    vectors = np.fromfile(arguments.vectors, dtype="<f4").reshape(-1, N_DIMENSIONS)
    queries = vectors[: arguments.queries]
    print(f"{len(vectors)} vectors, {len(queries)} queries")
    for row in rows(vectors, queries):
        if arguments.json:
            print(json.dumps(row))
            continue
        pairs = f"{row['pairs_per_cpu_s'] / 1e6:.0f} million pairs per CPU second, " if row["pairs_per_cpu_s"] else ""
        recall = f", recall {row['recall']:.4f}" if row["recall"] is not None else ""
        print(
            f"{row['name']}: {pairs}{row['queries_per_cpu_s']:.0f} queries per CPU second"
            f" ({row['queries_per_wall_s']:.0f} per second){recall}, built in {row['build_cpu_s']:.1f} CPU s"
        )


if __name__ == "__main__":
    main()
