#!/usr/bin/env python3
"""Writes tests/data/dual_activations.csv: dual activations to 50 digits, rounded once (needs mpmath).

For each nonlinearity and each pair of variances q1, q2 and distance m = 1 - |rho| with rho's sign:
1 - |rho'| and the sign of rho' of the correlation after it, and E[phi' phi'], from the formulas of
the papers evaluated with 80 digits, so that their cancellation does no harm. A few entries are
checked against two-dimensional quadrature while the table is made.
"""
import functools
import sys

import mpmath as mp

import mixtures

mp.mp.dps = 80
MIXTURE = mixtures.trapezoid(mp.mpf("0.1"))  # 40 digits


def ab_relu(a, b):
    def dual(q11, q12, q22):
        p = mp.sqrt(q11 * q22)
        theta = mp.acos(max(mp.mpf(-1), min(mp.mpf(1), q12 / p)))
        f = (a - b) ** 2 / (2 * mp.pi)
        derivative = mp.mpf(a * a + b * b) / 2 - f * theta
        return f * mp.sqrt(max(mp.mpf(0), q11 * q22 - q12 * q12)) + derivative * q12, derivative

    return dual


def sign(q11, q12, q22):
    return 1 - 2 * mp.acos(max(mp.mpf(-1), min(mp.mpf(1), q12 / mp.sqrt(q11 * q22)))) / mp.pi, mp.mpf(0)


def erf(a, b):
    def dual(q11, q12, q22):
        u, v, w = 1 + 2 * b * b * q11, 1 + 2 * b * b * q22, 2 * b * b * q12
        return (a * a * 2 / mp.pi * mp.asin(w / mp.sqrt(u * v)),
                a * a * b * b * 4 / mp.pi / mp.sqrt(u * v - w * w))

    return dual


def gelu(q11, q12, q22):
    p1, product = (1 + q11) * (1 + q22), q11 * q22
    delta2 = p1 - q12 * q12
    delta = mp.sqrt(delta2)
    alpha = mp.atan2(q12, delta)
    k = ((q12 * q12 + product * delta2) / (p1 * delta) + q12 * alpha) / (2 * mp.pi) + q12 / 4
    slope = q12 / (2 * mp.pi * delta) * (1 / delta2 + (1 - product) / p1 + 1)
    return k, slope + mp.mpf(1) / 4 + alpha / (2 * mp.pi)


def trigonometric(a, b, c):
    a, b, c = mp.mpf(a), mp.mpf(b), mp.mpf(c)

    def dual(q11, q12, q22):
        near = mp.exp(b * b * (q12 - (q11 + q22) / 2))
        far = mp.cos(2 * c) * mp.exp(-b * b * (q12 + (q11 + q22) / 2))
        return a * a / 2 * (near - far), a * a * b * b / 2 * (near + far)

    return dual


def exponential(a, b):
    a, b = mp.mpf(a), mp.mpf(b)

    def dual(q11, q12, q22):
        k = a * a * mp.exp(b * b * ((q11 + q22) / 2 + q12))
        return k, b * b * k

    return dual


def exp_normalized(gamma, shift):
    def dual(q11, q12, q22):
        p = mp.sqrt(q11 * q22)
        e = mp.exp(mp.mpf(gamma) * (q12 / p + mp.mpf(shift)))
        return p * e, mp.mpf(gamma) * e

    return dual


def gaussian(a, b):
    a, b = mp.mpf(a), mp.mpf(b)

    def dual(q11, q12, q22):
        d = (1 - 2 * b * q11) * (1 - 2 * b * q22) - 4 * b * b * q12 * q12
        return a * a / mp.sqrt(d), 4 * a * a * b * b * q12 / d ** mp.mpf("1.5")

    return dual


def gabor(q11, q12, q22):
    P, S = q11 * q22, q11 + q22
    d = 4 * (P - q12 * q12)
    n, m = S + d + 2 * q12, 2 * S + d + 1
    E, R = mp.exp(-n / (2 * m)), mp.exp(2 * q12 / m)
    h, g = 1 + 2 * S + 4 * (q12 * q12 + P), 4 * q12 * (d + 3 * S + 2)
    return E * (R - 1) / (2 * mp.sqrt(m)), E * ((h - g) + R * (h + g)) / (2 * m ** mp.mpf("2.5"))


def hermite(n):
    return lambda q11, q12, q22: (q12 ** n, n * q12 ** (n - 1) if n else mp.mpf(0))


def rectified_monomial(n):
    """Cho and Saul's J_n by differentiation: (-1)^n sin^(2n+1) (1/sin d/dt)^n ((pi - t)/sin t), as a
    polynomial in cos t and sin t times (pi - t) and 1, written out for small n."""
    def j(order, t):
        s, c = mp.sin(t), mp.cos(t)
        return [mp.pi - t, s + (mp.pi - t) * c, 3 * s * c + (mp.pi - t) * (1 + 2 * c * c),
                s * (4 + 11 * c * c) + (mp.pi - t) * c * (9 + 6 * c * c)][order]

    def dual(q11, q12, q22):
        p = mp.sqrt(q11 * q22)
        t = mp.acos(max(mp.mpf(-1), min(mp.mpf(1), q12 / p)))
        slope = n * n * p ** (n - 1) * j(n - 1, t) / (2 * mp.pi) if n else mp.mpf(0)
        return p ** n * j(n, t) / (2 * mp.pi), slope

    return dual


def radial(shape):
    def dual(q11, q12, q22):
        squared = q11 + q22 - 2 * q12
        if squared < (q11 + q22) * mp.mpf(10) ** -75:  # a rounding of equal samples
            squared = mp.mpf(0)
        u = mp.sqrt((2 * shape + 1) * squared)
        k = [mp.exp(-u), (1 + u) * mp.exp(-u), (1 + u + u * u / 3) * mp.exp(-u), mp.exp(-squared)][shape]
        return k, mp.mpf(0)

    return dual


def correlation(q11, q12, q22):
    """Its distance from the nearer end, and its sign."""
    return 1 - abs(q12) / mp.sqrt(q11 * q22), -1 if q12 < 0 else 1


def tanh(a, b):
    a, b = mp.mpf(a), mp.mpf(b)

    @functools.lru_cache(maxsize=None)
    def dual(q11, q12, q22):
        k, slope = mixtures.expectation(MIXTURE, b * b * q11, b * b * q22, *correlation(q11, q12, q22))
        return a * a * k, a * a * b * b * slope

    return dual


def smooth_relu(is_swish):
    @functools.lru_cache(maxsize=None)
    def dual(q11, q12, q22):
        return mixtures.smooth_relu(MIXTURE, is_swish, q11, q22, *correlation(q11, q12, q22))

    return dual


# Op, parameters, the dual, phi where there is one, the largest variance that the table has.
CASES = [
    ("ab_relu", (0, 1), ab_relu(0, 1), lambda x: max(x, 0), 1e6),
    ("ab_relu", (0.25, 1), ab_relu(mp.mpf("0.25"), 1), lambda x: max(x, 0) + 0.25 * min(x, 0), 1e6),
    ("ab_relu", (-1, 1), ab_relu(-1, 1), abs, 1e6),
    ("ab_relu", (0.5, 0.5), ab_relu(mp.mpf("0.5"), mp.mpf("0.5")), lambda x: x / 2, 1e6),
    ("sign", (), sign, mp.sign, 1e6),
    ("erf", (1, 1), erf(1, 1), mp.erf, 1e6),
    ("erf", (0.5, 1.5), erf(mp.mpf("0.5"), mp.mpf("1.5")), lambda x: mp.erf(1.5 * x) / 2, 1e6),
    ("gelu", (), gelu, lambda x: x * (1 + mp.erf(x / mp.sqrt(2))) / 2, 1e6),
    ("trigonometric", (1, 1, 0), trigonometric(1, 1, 0), mp.sin, 1e6),
    ("trigonometric", (0.5, 1.5, 1), trigonometric(0.5, 1.5, 1), lambda x: mp.sin(1.5 * x + 1) / 2, 1e6),
    ("trigonometric", (1, 0.5, 1.5707963267948966), trigonometric(1, 0.5, 1.5707963267948966),
     lambda x: mp.cos(x / 2), 1e6),
    ("exponential", (0.25, 0.5), exponential(0.25, 0.5), lambda x: mp.exp(x / 2) / 4, 100),
    ("exp_normalized", (1.5, -1), exp_normalized(1.5, -1), None, 1e6),
    ("exp_normalized", (0.5, 0.25), exp_normalized(0.5, 0.25), None, 1e6),
    ("gaussian", (1, -1), gaussian(1, -1), lambda x: mp.exp(-x * x), 1e6),
    ("gaussian", (0.25, 0.125), gaussian(0.25, 0.125), lambda x: mp.exp(x * x / 8) / 4, 1.5),
    ("gabor", (), gabor, lambda x: mp.exp(-x * x) * mp.sin(x), 1e6),
    ("hermite", (1,), hermite(1), None, 100),
    ("hermite", (4,), hermite(4), None, 100),
    ("rectified_monomial", (0,), rectified_monomial(0), lambda x: mp.mpf(x > 0), 1e6),
    ("rectified_monomial", (1,), rectified_monomial(1), lambda x: max(x, 0), 1e6),
    ("rectified_monomial", (2,), rectified_monomial(2), lambda x: max(x, 0) ** 2, 100),
    ("rectified_monomial", (3,), rectified_monomial(3), lambda x: max(x, 0) ** 3, 100),
    ("radial", (0,), radial(0), None, 1e6),
    ("radial", (1,), radial(1), None, 1e6),
    ("radial", (2,), radial(2), None, 1e6),
    ("radial", (3,), radial(3), None, 1e6),
    ("tanh", (0.5, 1.5), tanh(0.5, 1.5), lambda x: mp.tanh(1.5 * x) / 2, 1e6),
    ("softplus", (), smooth_relu(False), lambda x: mp.log1p(mp.exp(x)), 1e6),
    ("swish", (), smooth_relu(True), lambda x: x / (1 + mp.exp(-x)), 1e6),
]
VARIANCES = [(1, 1), (0.01, 0.01), (100, 100), (1, 1.5), (1, 100), (0.01, 30), (1, 1.0009765625),
             (1e6, 1e6), (1e-6, 1e6)]
DISTANCES = [0, 1e-12, 1e-8, 1e-4, 0.01, 0.3, 0.9, 1]


def check_by_quadrature(name, dual, phi):
    q11, q12, q22 = mp.mpf("0.8"), mp.mpf("0.3"), mp.mpf("1.3")
    mp.mp.dps = 15
    s = mp.sqrt(q22 - q12 * q12 / q11)
    density = lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)
    inner = lambda x: mp.quad(
        lambda y: phi(mp.sqrt(q11) * x) * phi(q12 / mp.sqrt(q11) * x + s * y) * density(x) * density(y),
        [-9, -q12 * x / mp.sqrt(q11) / s, 9])
    value = mp.quad(inner, [-9, 0, 9])
    mp.mp.dps = 80
    error = abs(value - dual(q11, q12, q22)[0])
    if error > 1e-8:
        sys.exit(f"{name}: the formula and the quadrature differ by {mp.nstr(error, 3)}")


def main(path):
    rows = ["op,a,b,c,q1,q2,m,sign,one_minus_abs_rho,sign_out,derivative"]
    for name, parameters, dual, phi, largest in CASES:
        if phi:
            check_by_quadrature(name, dual, phi)
        a, b, c = (*parameters, 0, 0, 0)[:3]
        for q1, q2 in VARIANCES:
            if max(q1, q2) > largest:
                continue
            for m in DISTANCES:
                for s in (1, -1):
                    q11, q22 = mp.mpf(q1), mp.mpf(q2)
                    q12 = s * (1 - mp.mpf(m)) * mp.sqrt(q11 * q22)
                    k, derivative = dual(q11, q12, q22)
                    rho = k / mp.sqrt(dual(q11, q11, q11)[0] * dual(q22, q22, q22)[0])
                    out = 1 - abs(rho)
                    if abs(out) < mp.mpf(10) ** -60:
                        out = mp.mpf(0)
                    if abs(derivative) < mp.mpf(10) ** -300:
                        derivative = mp.mpf(0)
                    rows.append(",".join([name, repr(a), repr(b), repr(c), repr(q1), repr(q2), repr(m), str(s),
                                          mp.nstr(out, 25), "-1" if rho < 0 else "1",
                                          mp.nstr(derivative, 25)]))
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/data/dual_activations.csv")
