"""Counts against what was to be expected where more people live, where there is more ground, or more is reported anyway.

Three forms:

* `offset_gi_star` keeps Gi*'s numerator, the window's sum less what chance would give it, and takes what chance gives from
  the exposure: E_i = exposure_i × Σ counts / Σ exposure. Its spread is that of a count, not of the map: a negative
  binomial with variance μ + φ μ² (Lawless 1987, Negative binomial and mixed Poisson regression, Canadian Journal of
  Statistics 15(3), 209–225), φ by moments over all windows that do not stand out. With equal exposure the numerator is
  that of `getis_ord.gi_star`.
* `history` is an exposure too: what a place itself had before, drawn to what its other tickets say of it as far as that
  is worth (a gamma prior on the rate, Clayton, D. and Kaldor, J. 1987, Empirical Bayes estimates of age-standardized
  relative risks, Biometrics 43(3), 671–681). Against it stands out only what is new.
* `eb_rates` are rates that few people cannot make wild (Assunção, R. M. and Reis, E. A. 1999, A new proposal to adjust
  Moran's I for population density, Statistics in Medicine 18(16), 2147–2162), for local Moran.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import nbinom, poisson

from geodata.rules.hotspots.false_discovery import benjamini_hochberg
from geodata.rules.hotspots.getis_ord import Floats
from geodata.rules.hotspots.neighbours import Weights

STANDS_OUT = 1e-3  # windows less likely than this are left out when the spread of the rest is measured
ROUNDS = 8
CLOSE = 1e-4
NO_SPREAD = 1e-9  # φ below this is a Poisson count
UNSEEN = 0.5  # Jeffreys' prior for a rate: added to an exposure that is itself a count


@dataclass(frozen=True, slots=True)
class Offset:
    """z, what was expected in each window, and the chance of as many or more and of as few or fewer; `spread` is φ."""

    z: Floats
    above: Floats
    below: Floats
    expected: Floats
    spread: float

    @property
    def p(self) -> Floats:
        """Two-sided: twice the smaller chance, at most 1."""
        both: Floats = np.minimum(1.0, 2 * np.minimum(self.above, self.below))
        return both

    @property
    def q(self) -> Floats:
        """False-discovery rate on the side on which a window stands: more and fewer are two questions, told apart."""
        more, fewer = benjamini_hochberg(self.above), benjamini_hochberg(self.below)
        return np.where(np.isnan(self.z), np.nan, np.where(self.z > 0, more, fewer))


def expected(counts: Floats, exposure: Floats) -> Floats:
    """The counts dealt out by exposure; NaN everywhere when there is none."""
    total = exposure.sum()
    return exposure * (counts.sum() / total) if total > 0 else np.full(len(counts), np.nan)


def offset_gi_star(counts: Floats, exposure: Floats, w: Weights, *, counted: bool = False) -> Offset:
    """Gi* of counts against an exposure; `counted` says that the exposure is a count too and has chance of its own.

    Such an exposure E tells its rate only to within a gamma distribution with shape E + ½; that adds 1 / (E + ½) to φ.
    Windows without exposure cannot be judged: NaN.
    """
    sums, exposed = w @ counts + counts, w @ exposure + exposure
    if counted:
        exposed = exposed + UNSEEN
    return judged(sums, exposed, float(counts.sum() / max(exposure.sum(), 1e-300)), counted=counted)


def judged(sums: Floats, exposed: Floats, rate: float, *, counted: bool = False) -> Offset:
    """Sums of windows against rate × exposure, with the spread measured from the windows themselves."""
    mean = np.where(exposed > 0, rate * exposed, np.nan)
    noise = 1 / exposed if counted else np.zeros(len(sums))
    spread = _spread(sums, mean, noise)
    z: Floats = (sums - mean) / np.sqrt(mean + (spread + noise) * mean**2)
    return Offset(z, *tails(sums, mean, spread + noise), mean, spread)


def own_spread(counts: Floats, sizes: Floats, z: Floats, sums: Floats) -> Offset:
    """Gi* without an exposure: z as given, and tails of a negative binomial with the mean and variance that Gi* has.

    The normal law, by which z is mostly judged, calls far too many windows of sparse counts hot.
    """
    mean = sizes * counts.mean()
    variance = sizes * counts.var()
    beyond = np.maximum(variance - mean, 0) / np.maximum(mean**2, 1e-300)
    return Offset(z, *tails(sums, mean, beyond), mean, float("nan"))


def tails(counts: Floats, mean: Floats, spread: Floats | float) -> tuple[Floats, Floats]:
    """The chances of so many or more, and of so few or fewer."""
    spread = np.broadcast_to(spread, mean.shape)
    size = 1 / np.maximum(spread, NO_SPREAD)
    share = size / (size + mean)
    above, below = nbinom.sf(counts - 1, size, share), nbinom.cdf(counts, size, share)
    plain = spread <= NO_SPREAD
    if plain.any():
        above = np.where(plain, poisson.sf(counts - 1, mean), above)
        below = np.where(plain, poisson.cdf(counts, mean), below)
    return above, below


def eb_rates(counts: Floats, exposure: Floats) -> Floats:
    """Standardised empirical-Bayes rates; NaN where nobody is exposed.

    (r_i − b) / √(a + b / e_i) with r the crude rates, b the rate of all and a their variance beyond chance, weighted by
    exposure; where the root would be negative it is √(b / e_i).
    """
    there = exposure > 0
    e, y = exposure[there], counts[there]
    rate, all_of_it = y / e, y.sum() / e.sum()
    beyond = (e * (rate - all_of_it) ** 2).sum() / e.sum() - all_of_it / (e.sum() / len(e))
    variance = beyond + all_of_it / e
    found = np.full(len(counts), np.nan)
    found[there] = (rate - all_of_it) / np.sqrt(np.where(variance < 0, all_of_it / e, variance))
    return found


def history(before: Floats, others: Floats) -> tuple[Floats, Floats]:
    """An exposure from a place's own tickets of earlier time and its other tickets, and the shape of its gamma law.

    The place's relative rate θ (own against others) is taken as gamma with mean 1 and shape α, α by moments over all
    places; the exposure is (α + before) / (α + e) × e with e what the others make expected, its shape α + before.
    """
    e = others * (before.sum() / max(others.sum(), 1e-300)) + UNSEEN
    beyond = float(((before - e) ** 2 - e).sum() / max((e**2).sum(), 1e-300))
    shape = min(1 / max(beyond, 1e-3), 1e3)
    return (shape + before) / (shape + e) * e, shape + before


def _spread(sums: Floats, mean: Floats, noise: Floats) -> float:
    """φ by moments, Σ((S − μ)² − μ − ν μ²) / Σ μ², over windows that do not stand out.

    First those that stand out of a Poisson count are left out, or the hottest would hide themselves; each round takes
    back what does not stand out of the spread found so far.
    """
    spread = 0.0
    for _ in range(ROUNDS):
        likely = np.minimum(*tails(sums, mean, spread + noise)) >= STANDS_OUT
        usual = (mean > 0) & likely
        s, m = sums[usual], mean[usual]
        if not len(s):
            return spread
        found = float(((s - m) ** 2 - m - noise[usual] * m**2).sum() / (m**2).sum())
        if found <= spread + CLOSE:
            break
        spread = found
    return spread
