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
    # The same with the arithmetic of the solves in float32, which is all that the peer does.
    "fit_predict_f32": {"kind": "fit_predict", "train": 2000, "test": 500, "width": 784, "outputs": 10,
                        "jit": False, "solves": "float32", "goal": 4.0},
    "fit_predict_f32_jit": {"kind": "fit_predict", "train": 2000, "test": 500, "width": 784,
                            "outputs": 10, "jit": True, "solves": "float32"},
}

# Networks of 32 x 32 x 3 images. The peer is timed in float32 and in float64; its faster one counts.
CONVOLUTION = "Conv(64, (3, 3), padding='SAME', W_std=1.4, b_std=0.1), Relu(), "
POOL = "AvgPool((2, 2), strides=(2, 2)), "
CASES |= {
    "cntk21_gap": {"kind": "images", "network": CONVOLUTION * 21 + "GlobalAvgPool(), Dense(1)", "n": 4, "goal": 80.0},
    "myrtle10": {"kind": "images", "network": (CONVOLUTION * 3 + POOL) * 3 + POOL * 2 + "Flatten(), Dense(1)", "n": 4,
                 "goal": 30.0},
    "cntk21_flatten": {"kind": "images", "network": CONVOLUTION * 21 + "Flatten(), Dense(1)", "n": 64, "goal": 20.0},
}


# Every nonlinearity that the peer has in closed form, and those that it integrates numerically
# (ElementwiseNumerical with 25 nodes, which takes 42 GB for 2,048 samples): three layers, both kernels,
# inputs so narrow that the functions are what takes the time, not the product of the inputs. `weights`
# keeps the variances of functions that grow fast within range.
CLOSED_FORM_GOAL, NUMERICAL_GOAL = 4.0, 1.0


def _nonlinearity(ours, peer=None, goal=CLOSED_FORM_GOAL, weights=1.4, n=4096):
    return {"kind": "gram", "layers": 3, "activation": ours, "peer": peer or f"stax.{ours}", "W_std": weights,
            "n": n, "width": 32, "goal": goal}


def _numerical(ours, function):
    return _nonlinearity(ours, f"stax.ElementwiseNumerical({function}, deg=25)", NUMERICAL_GOAL, n=512)


NONLINEARITIES = {f"op_{case['activation'].split('(')[0].lower()}": case for case in [
    _nonlinearity("Relu()"), _nonlinearity("LeakyRelu(alpha=0.1)"), _nonlinearity("ABRelu(a=0.3, b=1.2)"),
    _nonlinearity("Abs()"), _nonlinearity("Sign()"), _nonlinearity("Erf()"), _nonlinearity("Gelu()"),
    _nonlinearity("Sigmoid_like()"), _nonlinearity("Sin()"), _nonlinearity("Cos()"), _nonlinearity("Rbf()"),
    _nonlinearity("Gaussian()"), _nonlinearity("Exp()", weights=0.5), _nonlinearity("ExpNormalized()"),
    _nonlinearity("Gabor()"), _nonlinearity("Hermite(degree=2)", weights=0.7),
    _nonlinearity("Monomial(degree=2)", weights=0.7), _nonlinearity("RectifiedMonomial(degree=2)", weights=0.7),
    _nonlinearity("Polynomial(coef=[0.1, 0.5, 0.2])", weights=0.7),
    _numerical("Tanh()", "jnp.tanh"), _numerical("Sigmoid()", "jax.nn.sigmoid"),
    _numerical("Softplus()", "jax.nn.softplus"), _numerical("Swish()", "jax.nn.swish"),
    _numerical("Mish()", "lambda x: x * jnp.tanh(jax.nn.softplus(x))"), _numerical("Elu()", "jax.nn.elu"),
    _numerical("Selu()", "jax.nn.selu"),
]}
NONLINEARITIES["op_gelu_approximate"] = _nonlinearity("Gelu(approximate=True)")
CASES |= NONLINEARITIES


def expression(case):
    """The network of a case as libntk reads it."""
    if case["kind"] == "images":
        return f"serial({case['network']})"
    activation = case["activation"] if "peer" in case else f"{case['activation']}()"
    layer = f"Dense(512, W_std={case.get('W_std', 1.4)}, b_std=0.1), {activation}, "
    return "serial(" + layer * case["layers"] + "Dense(1))"
