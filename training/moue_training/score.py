"""What a net that is being trained is worth, on validation pictures as the dataset frames them."""

import numpy as np
import torch

from . import augment
from .data import load_triplets, triplet_accuracy


def outputs(function, images, size, batch=100):
    """What the function says of pictures (u8) that are `size` pixels wide to it."""
    with torch.no_grad():
        return torch.cat([function(augment.plain(images[i : i + batch], size)) for i in range(0, len(images), batch)])


def embed_all(net, images, batch=512):
    """Embeddings (N×64) of gray pictures (N×H×W u8), a student's as the exported net makes them."""
    net.eval()
    say = getattr(net, "both_sides", net)
    return outputs(lambda x: say(x.expand(-1, net.CHANNELS, -1, -1)), images, net.INPUT, batch).numpy()


def table_of(net, data, rows):
    """The embeddings of these FER+ rows, each in its row; NaN in all others."""
    table = np.full((len(data.images), 64), np.nan, np.float32)
    table[rows] = embed_all(net, torch.from_numpy(data.images[rows]))
    return table


def score(net, data, split):
    """Shares of the split's FER+ vote triplets that the net gets right."""
    rows, types = load_triplets(split)
    return triplet_accuracy(table_of(net, data, np.unique(rows)), rows, types)


def spread(table, gallery):
    """How many dimensions hold nine tenths of the table's variance; which share of the gallery is ever in a top 3 of its own."""
    table = table[~np.isnan(table[:, 0])]
    values = np.linalg.eigvalsh(np.cov(table.T))[::-1]
    dims = int(np.searchsorted(np.cumsum(values) / values.sum(), 0.9)) + 1
    # Of unit vectors the nearest are those with the largest product.
    distances = -gallery @ gallery.T
    np.fill_diagonal(distances, np.inf)
    ever = len(np.unique(np.argsort(distances, axis=1)[:, :3])) / len(gallery)
    return dims, ever


def spread_of(net, data):
    """The spread of 2,000 validation faces."""
    table = embed_all(net, torch.from_numpy(data.images[data.rows("PublicTest")[:2000]]))
    dims, ever = spread(table, table)
    return {"dims": dims, "ever": ever}
