"""Times neural_tangents on one case of cases.py and prints JSON. Run by compare.py, with the Python of
the environment that has neural_tangents; the first call (tracing and compiling) is not counted."""

import argparse
import json
import os
import statistics
import time

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from cases import CASES

BOTH = ("nngp", "ntk")


def network(layers, activation, W_std=1.4):
    """`activation`: the name of a layer of stax, or an expression that makes one."""
    import jax
    import jax.numpy as jnp
    from neural_tangents import stax
    names = {"stax": stax, "jax": jax, "jnp": jnp}
    made = eval(activation, names) if "(" in activation else getattr(stax, activation)()
    hidden = [stax.Dense(512, W_std=W_std, b_std=0.1), made] * layers
    return stax.serial(*hidden, stax.Dense(1))[2]


def normal(*shape, seed):
    import jax.numpy as jnp
    import numpy as np
    return jnp.asarray(np.random.default_rng(seed).standard_normal(shape), dtype=jnp.float32)


def gram(case):
    """A symmetric Gram, NNGP and NTK, as one compiled function."""
    import jax
    kernel_fn = network(case["layers"], case.get("peer", case["activation"]), case.get("W_std", 1.4))
    compiled = jax.jit(lambda x: tuple(kernel_fn(x, None, BOTH)))
    x = normal(case["n"], case["width"], seed=1)
    return lambda: jax.block_until_ready(compiled(x))


def images(case):
    """A symmetric Gram of images, as one compiled function."""
    import jax
    import numpy as np
    from neural_tangents import stax
    names = {name: getattr(stax, name) for name in ("serial", "Conv", "Relu", "AvgPool", "GlobalAvgPool",
                                                    "Flatten", "Dense")}
    kernel_fn = eval(f"serial({case['network']})", names)[2]
    compiled = jax.jit(lambda x: tuple(kernel_fn(x, None, BOTH)))
    x = np.random.default_rng(1).standard_normal((case["n"], 32, 32, 3)).astype(case["dtype"])
    return lambda: jax.block_until_ready(compiled(x))


def fit_predict(case):
    import jax
    import neural_tangents as nt
    kernel_fn = network(3, "Relu")
    if case["jit"]:
        kernel_fn = jax.jit(kernel_fn, static_argnums=2)
    x_train = normal(case["train"], case["width"], seed=1)
    y_train = normal(case["train"], case["outputs"], seed=2)
    x_test = normal(case["test"], case["width"], seed=3)

    def call():
        predict = nt.predict.gradient_descent_mse_ensemble(kernel_fn, x_train, y_train, diag_reg=1e-3)
        prediction = predict(x_test=x_test, get=BOTH, compute_cov=True)
        jax.block_until_ready(jax.tree_util.tree_leaves(tuple(prediction)))

    return call


def ssyrk(case):
    """The floor of a Gram: one triangle of X X^T by OpenBLAS, into memory that is already mapped."""
    import numpy as np
    from scipy.linalg.blas import ssyrk
    rng = np.random.default_rng(1)
    x = np.asfortranarray(rng.standard_normal((case["width"], case["n"])).astype(np.float32))
    product = np.zeros((case["n"], case["n"]), np.float32, order="F")
    return lambda: ssyrk(1.0, x, beta=0.0, c=product, trans=1, overwrite_c=1)


def measure(call, repeats):
    call()
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return {"seconds": statistics.median(seconds), "seconds_min": min(seconds),
            "seconds_max": max(seconds), "repeats": repeats}


def versions():
    from importlib.metadata import version
    return {name: version(name) for name in ("neural-tangents", "jax", "jaxlib", "numpy", "scipy")}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=sorted(CASES))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--floor", action="store_true", help="time ssyrk of the same shape instead")
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32", help="of images")
    arguments = parser.parse_args()
    case = CASES[arguments.case] | {"dtype": arguments.dtype}
    if arguments.dtype == "float64":
        import jax
        jax.config.update("jax_enable_x64", True)
    kinds = {"gram": gram, "images": images, "fit_predict": fit_predict}
    call = ssyrk(case) if arguments.floor else kinds[case["kind"]](case)
    print(json.dumps(measure(call, arguments.repeats) | {"dtype": arguments.dtype, "versions": versions()}))


if __name__ == "__main__":
    main()
