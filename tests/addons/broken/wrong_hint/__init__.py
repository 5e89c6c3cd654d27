"""An addon with hints that are none."""
