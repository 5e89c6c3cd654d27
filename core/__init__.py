"""The small core: it loads addons and knows nothing about customers."""
