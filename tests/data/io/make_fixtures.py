"""Makes the array files of this folder with NumPy. Run here: python3 make_fixtures.py

Element i of an array, counted row-major, is i / 2 - 2 for floats, i - 3 for signed integers,
7 i for unsigned ones and i % 3 == 0 for booleans; "series" below.
"""
import io
import zipfile

import numpy as np

SHAPE = (2, 3, 4)
TYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]


def series(kind, shape=SHAPE):
    i = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    return {"f": i / 2 - 2, "i": i - 3, "u": 7 * i, "b": i % 3 == 0}[kind]


def all_types():
    arrays = {}
    for name in TYPES:
        for order_name, order in (("le", "<"), ("be", ">")):
            values = series(name[0]).astype(order + name)
            arrays[f"{name}_{order_name}_c"] = values
            arrays[f"{name}_{order_name}_f"] = np.asfortranarray(values)
    return arrays


class Stream(io.RawIOBase):
    """A file that cannot seek, so that zipfile writes data descriptors."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)

    def close(self):
        self.file.close()


def npy(array):
    out = io.BytesIO()
    np.lib.format.write_array(out, array)
    return out.getvalue()


def zip_of(path, arrays, method, stream=False, force_zip64=False):
    target = Stream(path) if stream else path
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(name + ".npy")
            info.compress_type = method
            with archive.open(info, "w", force_zip64=force_zip64) as member:
                member.write(npy(array))
    if stream:
        target.close()


def main():
    for version in (1, 2, 3):
        with open(f"version{version}.npy", "wb") as file:
            np.lib.format.write_array(file, series("f").astype("<f8"), version=(version, 0))
    np.save("fortran.npy", np.asfortranarray(series("f", (5, 3)).astype("<f4")))
    np.save("big_endian.npy", series("f", (5, 3)).astype(">f8"))
    np.save("half_values.npy", np.array([0, -0.0, 1, -2.5, 65504, 2**-24, 2**-14, 1023 * 2**-24,
                                         np.inf, -np.inf, np.nan, 1 / 3], "<f2"))
    np.save("scalar.npy", np.array(4.5))
    np.save("empty.npy", np.zeros((0, 3), "<i4"))
    np.save("uint64_past_int64.npy", np.array([[1, 2], [2**63, 4]], "<u8", order="F"))
    for name, values in (("object", np.array([1, "x"], object)), ("text", np.array(["a", "b"])),
                         ("bytes", np.array([b"a"])), ("complex", np.zeros(2, complex)),
                         ("structured", np.zeros(2, [("a", "f8"), ("b", "i4")])),
                         ("dates", np.zeros(2, "M8[s]")), ("long_double", np.zeros(2, "g"))):
        np.save(f"refused_{name}.npy", values, allow_pickle=name == "object")

    np.savez("types.npz", **all_types())
    np.savez_compressed("types_deflated.npz", **all_types())
    few = {"a": series("f", (3, 5)), "b": series("i", (4,))}
    np.savez("one.npz", only=series("f", (2, 2)))
    np.savez_compressed("deflated.npz", **few)
    zip_of("plain.npz", few, zipfile.ZIP_STORED)
    zip_of("plain_deflated.npz", few, zipfile.ZIP_DEFLATED)
    zip_of("streamed.npz", few, zipfile.ZIP_STORED, stream=True)
    zip_of("streamed_zip64.npz", few, zipfile.ZIP_STORED, stream=True, force_zip64=True)
    zip_of("streamed_deflated.npz", few, zipfile.ZIP_DEFLATED, stream=True)
    zip_of("streamed_deflated_zip64.npz", few, zipfile.ZIP_DEFLATED, stream=True, force_zip64=True)
    zip_of("refused_bzip2.npz", few, zipfile.ZIP_BZIP2)
    with zipfile.ZipFile("refused_member.npz", "w") as archive:
        archive.writestr("a.npy", npy(few["a"]))
        archive.writestr("notes.txt", "not an array")
    with zipfile.ZipFile("refused_duplicate.npz", "w") as archive:
        archive.writestr("a.npy", npy(few["a"]))
        archive.writestr("a.npy", npy(few["b"]))


main()
