#!/usr/bin/env python3
"""Writes tests/data/dual_quadrature.csv: E[phi(u) phi(v)] and E[phi'(u) phi'(v)] of nonlinearities
without a closed form to 50 digits, rounded once (needs mpmath and python-flint).

Analytic functions: the trapezoidal rule over two independent Gaussian numbers, which converges like
exp(-2 pi d/h) for a function analytic within d of the real axis; step and range are chosen for 50
digits, and a tenth of the entries is computed again with another step. ELU and SELU: the inner
expectation in closed form (error functions), the outer one by adaptive quadrature between the kinks.
"""
import sys

import mpmath as mp
from flint import arb, ctx

DIGITS = 50
ctx.prec = 190
mp.mp.dps = 60
ONE, ZERO = arb(1), arb(0)


def sigmoid(x):
    return ONE / (ONE + (-x).exp())


def softplus(x):
    return (ONE + x.exp()).log()


def tanh_pair(x):
    t = x.tanh()
    return t, ONE - t * t


def sigmoid_pair(x):
    s = sigmoid(x)
    return s, s * (ONE - s)


def softplus_pair(x):
    return softplus(x), sigmoid(x)


def swish_pair(x):
    s = sigmoid(x)
    return x * s, s * (ONE + x * (ONE - s))


def mish_pair(x):
    t = softplus(x).tanh()
    return x * t, t + x * (ONE - t * t) * sigmoid(x)


ANALYTIC = {"tanh": (tanh_pair, mp.pi / 2), "sigmoid": (sigmoid_pair, mp.pi),
            "softplus": (softplus_pair, mp.pi), "swish": (swish_pair, mp.pi),
            "mish": (mish_pair, mp.mpf("2.35"))}


def trapezoid(pair, strip, q1, q2, m, sign, digits=DIGITS):
    s1, s2 = arb(q1).sqrt(), arb(q2).sqrt()
    rho = sign * (ONE - arb(m))
    sigma = (arb(m) * (arb(2) - arb(m))).sqrt()
    largest = mp.sqrt(max(q1, q2))
    h = 2 * mp.pi * strip / (digits * mp.log(10) * largest)
    h = min(h, mp.mpf("0.35"))  # the Gaussian density itself
    reach = int(mp.ceil(mp.sqrt(2 * digits * mp.log(10)) / h)) + 2
    step = arb(mp.nstr(h, 40))
    density = [(-(step * i) ** 2 / 2).exp() for i in range(reach + 1)]
    k = slope = ZERO
    for i in range(-reach, reach + 1):
        u, du = pair(s1 * step * i)
        centre = s2 * rho * step * i
        inner = inner_slope = ZERO
        jump = s2 * sigma * step
        if m == 0:
            inner, inner_slope = pair(centre)
        else:
            for j in range(-reach, reach + 1):
                v, dv = pair(centre + jump * j)
                inner += density[abs(j)] * v
                inner_slope += density[abs(j)] * dv
            unit = step / (2 * arb.pi()).sqrt()
            inner, inner_slope = inner * unit, inner_slope * unit
        k += density[abs(i)] * u * inner
        slope += density[abs(i)] * du * inner_slope
    unit = step / (2 * arb.pi()).sqrt()
    return mp.mpf((k * unit).mid().str(45, radius=False)), mp.mpf((slope * unit).mid().str(45, radius=False))


def elu(alpha, scale):
    """The pair of expectations for scale * ELU_alpha."""
    def values(q1, q2, m, sign):
        s1, s2 = mp.sqrt(mp.mpf(q1)), mp.sqrt(mp.mpf(q2))
        rho, sigma = sign * (1 - mp.mpf(m)), mp.sqrt(mp.mpf(m) * (2 - mp.mpf(m)))
        Phi = lambda x: mp.erfc(-x / mp.sqrt(2)) / 2
        phi = lambda x: x if x > 0 else alpha * mp.expm1(x)
        dphi = lambda x: mp.mpf(1) if x > 0 else alpha * mp.exp(x)

        def inner(z):  # of v given u = s1 z
            mean, spread = s2 * rho * z, s2 * sigma
            if spread == 0:
                return phi(mean), dphi(mean)
            t = mean / spread
            density = mp.exp(-t * t / 2) / mp.sqrt(2 * mp.pi)
            below = mp.exp(mean + spread ** 2 / 2) * Phi(-t - spread)
            return (mean * Phi(t) + spread * density + alpha * (below - Phi(-t)),
                    Phi(t) + alpha * below)

        def outer(which):
            f = (phi, dphi)[which]
            g = lambda z: mp.npdf(z) * f(s1 * z) * inner(z)[which]
            layer = sigma if m > 0 else mp.mpf("1e-3")
            ends = sorted({mp.mpf(x) for x in (0, 16)} | {min(layer * c, mp.mpf(8)) for c in (1, 4, 16, 64)}
                          | {mp.mpf(c) / max(s1, s2, 1) for c in (1, 4)} | {mp.mpf(1), mp.mpf(4)})
            return mp.quad(g, [-e for e in reversed(ends)]) + mp.quad(g, ends)

        return scale ** 2 * outer(0), scale ** 2 * outer(1)

    return values


KINKED = {"elu": [(mp.mpf(1), 1), (mp.mpf("0.5"), 1)],
          "selu": [(mp.mpf("1.6732632423543772848170429916717"),
                    mp.mpf("1.0507009873554804934193349852946"))]}
SMALL = [(1, 1), (0.01, 0.01), (1, 2.25), (0.01, 4), (5, 5)]
LARGE = [(100, 100), (1, 100)]
DISTANCES = [0, 1e-12, 1e-6, 1e-3, 0.05, 0.4, 1]


def rows():
    for name, cases in KINKED.items():
        for alpha, scale in cases:
            values = elu(alpha, scale)
            for q1, q2 in SMALL + LARGE:
                for m in DISTANCES:
                    for sign in (1, -1):
                        yield name, float(alpha), q1, q2, m, sign, values(q1, q2, m, sign)
    for name, (pair, strip) in ANALYTIC.items():
        for q1, q2 in SMALL + LARGE:
            hard = max(q1, q2) > 10
            for m in ([0, 1e-12, 1e-3, 0.4] if hard else DISTANCES):
                for sign in ((1,) if hard else (1, -1)):
                    yield name, 0.0, q1, q2, m, sign, trapezoid(pair, strip, q1, q2, m, sign)


def check():
    """Another step gives the same digits."""
    a = trapezoid(tanh_pair, mp.pi / 2, 1, 2.25, 1e-3, 1)
    b = trapezoid(tanh_pair, mp.pi / 2, 1, 2.25, 1e-3, 1, digits=43)
    if abs(a[0] - b[0]) > mp.mpf(10) ** -40 or abs(a[1] - b[1]) > mp.mpf(10) ** -38:
        sys.exit("the trapezoidal rule has not converged")


def main(path):
    check()
    with open(path, "w", encoding="ascii") as file:
        file.write("name,alpha,q1,q2,m,sign,k,derivative\n")
        for name, alpha, q1, q2, m, sign, (k, derivative) in rows():
            file.write(",".join([name, repr(alpha), repr(q1), repr(q2), repr(m), str(sign),
                                 mp.nstr(k, 25), mp.nstr(derivative, 25)]) + "\n")
            file.flush()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/data/dual_quadrature.csv")
