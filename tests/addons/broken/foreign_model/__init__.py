"""Extends a model of an addon that it does not depend on."""
