#!/usr/bin/env python3
"""tanh x = E[erf(x / (sqrt(2) k))] for k with Kolmogorov's distribution, twice a standard normal number
times which is logistic (Andrews and Mallows 1974; Stefanski 1991). Prints the quadrature rule of
kernels/math/dual/tanh.h, and writes tests/data/mixtures_large_variance.csv: E[phi(u) phi(v)] and
E[phi'(u) phi'(v)] of tanh, sigmoid, softplus and swish to 40 digits, rounded once, at variances up to
1e6 (needs mpmath).

The rule is Gauss's for Kolmogorov's density in log k: of two error functions the expectation is
analytic in each log k within pi/2 of the real axis, so that thirteen nodes do. The values for the test
come from the trapezoidal rule in log k instead, with four times as many nodes, and are compared with
what needs no mixture: the derivative, whose integrand vanishes a few tens from 0, by quadrature.
"""
import sys

import mpmath as mp

mp.mp.dps = 60


def kolmogorov(k):
    """The density, by whichever of its two series converges faster."""
    total, n = mp.mpf(0), 1
    while True:
        if k < mp.mpf("0.9"):
            a = (2 * n - 1) ** 2 * mp.pi ** 2 / 8
            term = mp.sqrt(2 * mp.pi) * mp.exp(-a / k ** 2) * (2 * a / k ** 4 - 1 / k ** 2)
        else:
            term = (-1) ** (n + 1) * 8 * k * n ** 2 * mp.exp(-2 * n ** 2 * k ** 2)
        total += term
        if abs(term) < mp.mpf(10) ** -70:
            return total
        n += 1


def trapezoid(step):
    """Nodes k and weights."""
    nodes = [(mp.exp(step * i), step * mp.exp(step * i)) for i in range(int(-3 / step), int(3 / step))]
    weighted = [(k, w * kolmogorov(k)) for k, w in nodes]
    return [(k, w) for k, w in weighted if w > mp.mpf(10) ** -48]


def gauss(count):
    """Gauss's rule for the same weights, by the recursion of their orthogonal polynomials in log k."""
    fine = [(mp.log(k), w) for k, w in trapezoid(mp.mpf("0.02"))]
    before, now, norm_before = [mp.mpf(0)] * len(fine), [mp.mpf(1)] * len(fine), None
    jacobi = mp.matrix(count, count)
    for i in range(count):
        norm = sum(w * p * p for (_, w), p in zip(fine, now))
        jacobi[i, i] = sum(w * x * p * p for (x, w), p in zip(fine, now)) / norm
        ratio = norm / norm_before if i > 0 else mp.mpf(0)
        if i > 0:
            jacobi[i, i - 1] = jacobi[i - 1, i] = mp.sqrt(ratio)
        before, now = now, [(x - jacobi[i, i]) * p - ratio * q for (x, _), p, q in zip(fine, now, before)]
        norm_before = norm
    places, vectors = mp.eigsy(jacobi)
    return [(mp.exp(places[i]), vectors[0, i] ** 2) for i in range(count)]


def expectation(rule, q1, q2, m, sign):
    """Of tanh, by Williams 1997 for each pair of nodes."""
    q1, q2, m = mp.mpf(q1), mp.mpf(q2), mp.mpf(m)
    k = derivative = mp.mpf(0)
    for a, v in rule:
        for b, w in rule:
            p, r = q1 + a * a, q2 + b * b
            # p r - K^2, whose terms are positive
            rest = a * a * q2 + b * b * q1 + a * a * b * b + q1 * q2 * m * (2 - m)
            k += v * w * mp.atan2(sign * (1 - m) * mp.sqrt(q1 * q2), mp.sqrt(rest))
            derivative += v * w / mp.sqrt(rest)
    return 2 / mp.pi * k, 2 / mp.pi * derivative


def smooth_relu(rule, is_swish, q1, q2, m, sign):
    """Of softplus x = E[max(x + a Z, 0)] or swish x = E[x Phi(x/a)], a = 2k, for each pair of nodes."""
    q1, q2, m = mp.mpf(q1), mp.mpf(q2), mp.mpf(m)
    c = sign * (1 - m) * mp.sqrt(q1 * q2)
    k = derivative = mp.mpf(0)
    for a, v in rule:
        for b, w in rule:
            V1, V2 = q1 + 4 * a * a, q2 + 4 * b * b
            d = mp.sqrt(4 * (a * a * q2 + b * b * q1) + 16 * a * a * b * b + q1 * q2 * m * (2 - m))
            P = (mp.pi - mp.atan2(d, c)) / (2 * mp.pi)
            if is_swish:
                k += v * w * (c * P + (q1 * q2 + c * c - c * c * (q1 / V1 + q2 / V2)) / (2 * mp.pi * d))
                derivative += v * w * (P + c * (3 - q1 / V1 - q2 / V2) / (2 * mp.pi * d)
                                       + c * (q1 * q2 + c * c - q1 * V2 - q2 * V1) / (2 * mp.pi * d ** 3))
            else:
                k += v * w * (c * P + d / (2 * mp.pi))
                derivative += v * w * P
    return k, derivative


def derivative_by_quadrature(q1, q2, m):
    """E[sech(u)^2 sech(v)^2] by the trapezoidal rule over u and v, no mixture."""
    with mp.workdps(25):
        h, reach = mp.mpf("0.16"), 30
        places = [h * i for i in range(int(-reach / h), int(reach / h) + 1)]
        sech = [mp.sech(x) ** 2 for x in places]
        determinant = mp.mpf(q1) * q2 * m * (2 - mp.mpf(m))
        a, b = q2 / determinant, q1 / determinant
        c = (1 - mp.mpf(m)) * mp.sqrt(mp.mpf(q1) * q2) / determinant
        total = mp.fsum(s * t * mp.exp(-(a * x * x + b * y * y) / 2 + c * x * y)
                        for x, s in zip(places, sech) for y, t in zip(places, sech))
        return total * h * h / (2 * mp.pi * mp.sqrt(determinant))


def check(rule):
    for q1, q2, m in ((1e3, 1e3, 0.4), (1e4, 2e4, 0.05), (1e6, 1e6, 1e-3)):
        by_mixture, plain = expectation(rule, q1, q2, m, 1)[1], derivative_by_quadrature(q1, q2, m)
        if abs(by_mixture / plain - 1) > mp.mpf(10) ** -15:
            sys.exit(f"the derivative at {q1}, {q2}, {m} is {plain} without the mixture, {by_mixture} with it")


VARIANCES = [(100, 100), (400, 400), (1e3, 1e3), (1e4, 1e4), (1e6, 1e6), (1e3, 1.001e3), (100, 1e4), (1, 1e6),
             (0.01, 1e4)]
DISTANCES = [0, 1e-12, 1e-9, 1e-6, 1e-3, 0.05, 0.4, 1]


def rows(rule):
    for q1, q2 in VARIANCES:
        for m in DISTANCES:
            for sign in (1, -1):
                k, derivative = expectation(rule, q1, q2, m, sign)
                yield "tanh", q1, q2, m, sign, k, derivative
                if (q1, q2) in ((1e4, 1e4), (1, 1e6), (1e3, 1.001e3)):  # sigmoid x = (1 + tanh(x/2))/2
                    yield "sigmoid", 4 * q1, 4 * q2, m, sign, (1 + k) / 4, derivative / 16


    for q1, q2 in ((1e4, 1e4), (1e6, 1e6), (1, 1e6)):
        for m in DISTANCES:
            for sign in (1, -1):
                for is_swish in (False, True):
                    yield ("swish" if is_swish else "softplus", q1, q2, m, sign,
                           *smooth_relu(rule, is_swish, q1, q2, m, sign))


def main(path):
    for name, index in (("square of k", 0), ("weight", 1)):
        print(name)
        for node in gauss(13):
            print("  " + mp.nstr(node[index] ** (2 if index == 0 else 1), 20) + ",")
    rule = trapezoid(mp.mpf("0.08"))
    check(rule)
    with open(path, "w", encoding="ascii") as file:
        file.write("name,alpha,q1,q2,m,sign,k,derivative\n")
        for name, q1, q2, m, sign, k, derivative in rows(rule):
            file.write(f"{name},0.0,{float(q1)!r},{float(q2)!r},{m!r},{sign},"
                       f"{mp.nstr(k, 25)},{mp.nstr(derivative, 25)}\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/data/mixtures_large_variance.csv")
