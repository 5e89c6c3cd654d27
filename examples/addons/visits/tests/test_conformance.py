"""What every addon must keep to."""

from pathlib import Path

from core.conformance import Conformance


class TestConformance(Conformance):
    """The suite for visits."""

    folder = Path(__file__).resolve().parents[1]
