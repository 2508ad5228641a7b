"""Quantities as numbers: ``10Gi``, ``250m``, ``2``."""

from __future__ import annotations

from typing import Final

_UNITS: Final = {
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
    "Pi": 2.0**50,
}


def amount(quantity: str | int | float) -> float:
    """Return a quantity as a number."""
    text = str(quantity)
    for length in (2, 1):
        if text[-length:] in _UNITS:
            return float(text[:-length]) * _UNITS[text[-length:]]
    return float(text)
