"""The left one of two addons that meet in a bridge."""
