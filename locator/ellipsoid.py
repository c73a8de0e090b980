"""The ellipsoid of WGS84 for compiled loops: where a place is, and how far it is to another one; by numba.

What pyproj does for all others, one call of it takes as long as a whole search here.
"""

from __future__ import annotations

import math

from numba import njit

__all__ = ["FAR_M", "NEAR_M", "earth_centred", "metres_beside", "metres_between"]

_A = 6_378_137.0
_F = 1 / 298.257223563
_B = _A * (1 - _F)
_E2 = _F * (2 - _F)
_N = _F / (2 - _F)
_ENOUGH = 1e-14
_TIMES = 20

NEAR_M = 20_000.0
"""Up to here `metres_beside` agrees with pyproj within a micrometre."""

FAR_M = 5_000_000.0
"""Up to here `metres_between` agrees with pyproj within a micrometre; beyond it ask pyproj."""


@njit(cache=True, nogil=True)
def earth_centred(lon, lat):
    """Return the earth-centred metres x, y, z of a place at sea level; degrees in."""
    phi, lam = math.radians(lat), math.radians(lon)
    sine, cosine = math.sin(phi), math.cos(phi)
    across = _A / math.sqrt(1 - _E2 * sine * sine)
    return across * cosine * math.cos(lam), across * cosine * math.sin(lam), across * (1 - _E2) * sine


@njit(cache=True, nogil=True)
def metres_beside(x, y, z, dx, dy, dz):
    """Return the metres of the way over ground from an earth-centred place to the one dx, dy, dz away.

    The arc of a circle over the chord, as bent as the ellipsoid is midway in that direction: the normal curvature
    of the surface F = (x² + y²)/a² + z²/b² = 1 along d is d·H·d / (|∇F| |d|²), H the second derivatives of F
    (M. P. do Carmo, Differential Geometry of Curves and Surfaces, 1976, section 3-2).
    """
    chord2 = dx * dx + dy * dy + dz * dz
    if chord2 == 0.0:
        return 0.0
    gx, gy, gz = (x + dx / 2) / (_A * _A), (y + dy / 2) / (_A * _A), (z + dz / 2) / (_B * _B)
    bend = (dx * dx + dy * dy) / (_A * _A) + dz * dz / (_B * _B)
    arc2 = bend * bend / (gx * gx + gy * gy + gz * gz) / chord2  # the square of chord over radius
    return math.sqrt(chord2) * (1 + arc2 / 24 + 3 * arc2 * arc2 / 640)


@njit(cache=True, nogil=True)
def metres_between(lon_1, lat_1, lon_2, lat_2):
    """Return the metres of the shortest way on the ellipsoid; degrees in. Infinite where it does not settle.

    The sphere beside the ellipsoid is turned until both places have their longitudes, as by T. Vincenty, "Direct
    and inverse solutions of geodesics on the ellipsoid with application of nested equations" (1975),
    doi:10.1179/sre.1975.23.176.88. The series are those of C. F. F. Karney, "Algorithms for geodesics" (2013),
    doi:10.1007/s00190-012-0578-z, which go on where Vincenty's end, and so are the letters.
    """
    beta_1 = math.atan((1 - _F) * math.tan(math.radians(lat_1)))
    beta_2 = math.atan((1 - _F) * math.tan(math.radians(lat_2)))
    sin_1, cos_1, sin_2, cos_2 = math.sin(beta_1), math.cos(beta_1), math.sin(beta_2), math.cos(beta_2)
    apart = math.radians(lon_2 - lon_1)
    apart -= 2 * math.pi * round(apart / (2 * math.pi))
    omega = apart
    for _ in range(_TIMES):
        sin_omega, cos_omega = math.sin(omega), math.cos(omega)
        sin_sigma = math.hypot(cos_2 * sin_omega, cos_1 * sin_2 - sin_1 * cos_2 * cos_omega)
        if sin_sigma == 0.0:
            return 0.0 if cos_omega > 0 else math.inf
        cos_sigma = sin_1 * sin_2 + cos_1 * cos_2 * cos_omega
        sigma = math.atan2(sin_sigma, cos_sigma)
        sin_alpha = cos_1 * cos_2 * sin_omega / sin_sigma
        cos2_alpha = 1 - sin_alpha * sin_alpha
        # The cosine of twice the arc from the equator to midway; on the equator itself it does not matter.
        middle = cos_sigma - 2 * sin_1 * sin_2 / cos2_alpha if cos2_alpha > 0 else 0.0
        k2 = _E2 / (1 - _E2) * cos2_alpha
        epsilon = k2 / (2 * (1 + math.sqrt(1 + k2)) + k2)
        before = omega
        omega = apart + _F * sin_alpha * _turned(epsilon, sigma, sin_sigma, cos_sigma, middle)
        if abs(omega - before) < _ENOUGH:
            return _B * _long(epsilon, sigma, sin_sigma, cos_sigma, middle)
    return math.inf


@njit(cache=True, nogil=True)
def _long(e, sigma, sin_sigma, cos_sigma, middle):
    """Return the difference of I1 at both ends of an arc: equations 15, 17 and 18 of Karney, up to ε⁴."""
    e2 = e * e
    scale = (1 + e2 / 4 + e2 * e2 / 64) / (1 - e)
    waves = -e / 2 + 3 * e * e2 / 16, -e2 / 16 + e2 * e2 / 32, -e * e2 / 48, -5 * e2 * e2 / 512
    return scale * (sigma + _summed(waves, sin_sigma, cos_sigma, middle))


@njit(cache=True, nogil=True)
def _turned(e, sigma, sin_sigma, cos_sigma, middle):
    """Return the difference of I3 at both ends of an arc: equations 23 to 25 of Karney, up to ε⁴."""
    n, e2 = _N, e * e
    scale = (
        1 - (1 / 2 - n / 2) * e - (1 / 4 + n / 8 - 3 * n * n / 8) * e2 - (1 / 16 + 3 * n / 16) * e * e2
        - 3 / 64 * e2 * e2
    )  # fmt: skip
    waves = (
        (1 / 4 - n / 4) * e + (1 / 8 - n * n / 8) * e2 + (3 / 64 + 3 * n / 64) * e * e2 + 5 / 128 * e2 * e2,
        (1 / 16 - 3 * n / 32 + n * n / 32) * e2 + (3 / 64 - n / 32) * e * e2 + 3 / 128 * e2 * e2,
        (5 / 192 - 3 * n / 64) * e * e2 + 3 / 128 * e2 * e2,
        7 / 512 * e2 * e2,
    )
    return scale * (sigma + _summed(waves, sin_sigma, cos_sigma, middle))


@njit(cache=True, nogil=True)
def _summed(waves, sin_sigma, cos_sigma, middle):
    """Return the sum of each wave times the difference of sin 2lσ at both ends, l from 1 up.

    The difference is twice cos 2lσ midway times sin lσ of the arc, and each follows from the two before.
    """
    total, cosine, cosine_before, sine, sine_before = 0.0, middle, 1.0, sin_sigma, 0.0
    for wave in waves:
        total += 2 * wave * cosine * sine
        cosine, cosine_before = 2 * middle * cosine - cosine_before, cosine
        sine, sine_before = 2 * cos_sigma * sine - sine_before, sine
    return total
