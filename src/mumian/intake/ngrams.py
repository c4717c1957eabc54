"""The character n-grams of many texts at once, hashed: what texts are compared and classified by."""

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Numbers = NDArray[Any]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)


def plain(text: str) -> str:
    """The text with width and case evened out and runs of white space made one space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams(
    texts: Sequence[str], *, sizes: range, bits: int, salt: int = 0
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Every n-gram of every text: the text's number, its hash of `bits` bits, where it begins, and its size.

    The same everywhere and always, so that stored weights stay valid. `salt` sets fields of one text apart.
    """
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    row = np.repeat(np.arange(len(texts)), lengths)
    ends = np.cumsum(lengths)
    end, begin = np.repeat(ends, lengths), np.repeat(ends - lengths, lengths)
    at = np.arange(len(points))
    rolling, found = np.full(len(points), salt << 32, dtype=np.uint64), []
    for size in range(1, sizes.stop):
        keep = max(len(points) - size + 1, 0)
        rolling = (rolling[:keep] + points[size - 1 :]) * _STEP + np.uint64(1)
        if size in sizes:
            whole = np.flatnonzero(at[:keep] + size <= end[:keep])
            mixed = rolling[whole]
            mixed = (mixed ^ (mixed >> np.uint64(32))) * _MIX
            hashed = (mixed >> np.uint64(64 - bits)).astype(np.int64)
            found.append((row[whole], hashed, at[whole] - begin[whole], np.full(len(whole), size)))
    rows, columns, starts, widths = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(starts), np.concatenate(widths)


def counted(rows: Numbers, columns: Numbers, *, shape: tuple[int, int]) -> Any:
    """How often each n-gram occurs in each text: a sparse matrix."""
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.coo_matrix((ones, (rows, columns)), shape=shape).tocsr()


def unit_rows(matrix: Any) -> Any:
    """The matrix with every row of length 1, in place; an empty row stays."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(matrix.indptr)).astype(matrix.data.dtype)
    return matrix
