"""Has a key that means nothing."""
