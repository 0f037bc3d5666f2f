#!/usr/bin/env python3
"""Coefficients for kernels/math/angle.h, printed as C++ (needs mpmath and NumPy).

With m = 1 - cos(theta), theta in [0, pi/2]:
    theta              = sqrt(2 m) Q(m),      Q(m) = asin(sqrt(m/2)) / sqrt(m/2)
    theta - sin(theta) = sqrt(2 m) m P(m),    P(m) = (Q(m) - sqrt(1 - m/2)) / m
and for kernels/math/convolve_relu.h R = Q - P. All are analytic on [0, 1] (the nearest singularity is at m = 2), so that Chebyshev interpolation
loses a digit for each 1.3 coefficients. The error printed is that of Horner's rule in the precision.
"""
import mpmath as mp
import numpy as np

mp.mp.dps = 60


def ratio(m):
    if m == 0:
        return mp.mpf(1)
    x = mp.sqrt(m / 2)
    return mp.asin(x) / x


def excess(m):
    if m < mp.mpf(10) ** -20:
        return mp.mpf(1) / 3 + m * mp.mpf(2) / 15
    return (ratio(m) - mp.sqrt(1 - m / 2)) / m


def interpolate(f, degree):
    """Monomial coefficients of the Chebyshev interpolant on [0, 1]."""
    n = degree + 1
    nodes = [(mp.cos(mp.pi * (2 * k + 1) / (2 * n)) + 1) / 2 for k in range(n)]
    matrix = mp.matrix(n, n)
    for i, x in enumerate(nodes):
        for j in range(n):
            matrix[i, j] = x**j
    return list(mp.lu_solve(matrix, mp.matrix([f(x) for x in nodes])))


def horner_error(f, coefficients, dtype):
    worst = 0.0
    rounded = [dtype(c) for c in coefficients]
    for m in np.linspace(0, 1, 2001).astype(dtype):
        value = rounded[-1]
        for c in reversed(rounded[:-1]):
            value = dtype(value * m + c)
        exact = f(mp.mpf(float(m)))
        worst = max(worst, float(abs(mp.mpf(float(value)) / exact - 1)))
    return worst


def show(name, f, degree, dtype, digits, suffix):
    c = interpolate(f, degree)
    error = horner_error(f, c, dtype)
    print(f"// {name}, {dtype.__name__}, degree {degree}: relative error {error:.1e}")
    print("{" + ", ".join(mp.nstr(x, digits) + suffix for x in c) + "}\n")


def rest(m):
    return ratio(m) - excess(m)


def best(f, degree, repeats=400):
    """Coefficients whose error is least where it counts: of 1 - t sqrt(m) f(m), t = sqrt(2)/pi, relative
    to it. Least squares, with weights that grow where the error is large (Lawson)."""
    xs = (1 - np.cos(np.linspace(0, np.pi, 1201))) / 2
    values = np.array([float(f(mp.mpf(x))) for x in xs])
    roots = np.sqrt(2 * xs) / np.pi
    counts = roots / (1 - roots * values)
    weights = np.ones_like(xs)
    basis = np.polynomial.chebyshev.chebvander(2 * xs - 1, degree)
    for _ in range(repeats):
        scale = np.sqrt(weights) * counts
        c = np.linalg.lstsq(basis * scale[:, None], values * scale, rcond=None)[0]
        error = np.abs(basis @ c - values) * counts
        weights *= error / error.max()
        weights /= weights.sum()
    monomials = np.polynomial.Polynomial(np.polynomial.chebyshev.cheb2poly(c))
    return monomials(np.polynomial.Polynomial([-1, 2])).coef, error.max()


def show_best(name, f, degree):
    c, error = best(f, degree)
    print(f"// {name}, float, degree {degree}: error of 1 - sqrt(2 m)/pi {name} {error:.1e}")
    print("{" + ", ".join(f"{x:.10g}f" for x in c) + "}\n")


for name, f in (("Q", ratio), ("P", excess), ("R", rest)):
    for degree in (7, 8, 9):
        show(name, f, degree, np.float32, 10, "f")
    for degree in (18, 19, 20, 21):
        show(name, f, degree, np.float64, 20, "")
for degree in (5, 6, 7):
    show_best("Q", ratio, degree)
for degree in (4, 5, 6):
    show_best("R", rest, degree)
