"""The right one of two addons that meet in a bridge."""
