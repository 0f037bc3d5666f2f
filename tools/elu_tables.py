#!/usr/bin/env python3
"""Prints the tables of kernels/math/dual/elu.h (needs mpmath).

1. Polynomials in t = (a - 4)/(a + 4) for h(a) = sqrt(pi/2) exp(a^2/2) erfc(a/sqrt 2), a >= 0, with
   their errors.
2. Gauss-Legendre nodes y with x = y^2 (3 - 2y), which crowd at both ends of [0, 1], and weights
   w dx/dy: the first half, the other one is its mirror image.
"""
import mpmath as mp

mp.mp.dps = 50
C = 4


def h(a):
    if a < 40:
        return mp.sqrt(mp.pi / 2) * mp.exp(a * a / 2) * mp.erfc(a / mp.sqrt(2))
    return mp.quad(lambda r: mp.exp(-r * r / 2 - a * r), [0, 1 / a, 10 / a, mp.inf])


def polynomial(terms):
    f = lambda t: h(C * (1 + t) / (1 - t)) if 1 - t > mp.mpf(10) ** -14 else mp.mpf(0)
    return mp.chebyfit(f, [-1, 1], terms, error=True)


def nodes(n):
    half = []
    for i in range(n):
        x = mp.cos(mp.pi * (i + mp.mpf("0.75")) / (n + mp.mpf("0.5")))
        for _ in range(30):
            p, before = mp.mpf(1), mp.mpf(0)
            for k in range(n):
                p, before = ((2 * k + 1) * x * p - k * before) / (k + 1), p
            slope = n * (x * p - before) / (x * x - 1)
            x -= p / slope
        y, w = (1 - x) / 2, 1 / ((1 - x * x) * slope * slope)
        if y < 0.5:
            half.append((y * y * (3 - 2 * y), w * 6 * y * (1 - y)))
    return half


def main():
    for terms, digits in ((12, 10), (24, 20)):
        coefficients, error = polynomial(terms)
        print(f"h, {terms} terms, error {mp.nstr(error, 2)}, from degree 0:")
        print(", ".join(mp.nstr(c, digits) for c in reversed(coefficients)))
    for n, digits in ((16, 10), (40, 20)):
        half = nodes(n)
        print(f"{n} nodes: x, then weights")
        print(", ".join(mp.nstr(x, digits) for x, _ in half))
        print(", ".join(mp.nstr(w, digits) for _, w in half))


if __name__ == "__main__":
    main()
