"""The cases that libntk and its peers are timed on. float32 throughout; `goal` is the least ratio
peer/libntk that the case is held to; `floor_goal` the most libntk may take over the floor."""

CASES = {
    "relu3": {"kind": "gram", "layers": 3, "activation": "Relu", "n": 8192, "width": 784,
              "goal": 6.0, "floor_goal": 1.5},
    "erf5": {"kind": "gram", "layers": 5, "activation": "Erf", "n": 4096, "width": 784, "goal": 5.0},
    "gelu3": {"kind": "gram", "layers": 3, "activation": "Gelu", "n": 4096, "width": 784, "goal": 4.0},
    # Fit and predict with covariance, both kernels: once with the peer's kernel_fn as stax gives it,
    # once with jax.jit around it.
    "fit_predict": {"kind": "fit_predict", "train": 2000, "test": 500, "width": 784, "outputs": 10,
                    "jit": False, "goal": 4.0},
    "fit_predict_jit": {"kind": "fit_predict", "train": 2000, "test": 500, "width": 784,
                        "outputs": 10, "jit": True},
}


def expression(case):
    """The network of a case as libntk reads it."""
    layer = f"Dense(512, W_std=1.4, b_std=0.1), {case['activation']}(), "
    return "serial(" + layer * case["layers"] + "Dense(1))"
