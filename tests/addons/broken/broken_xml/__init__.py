"""Ships XML that is not well-formed."""
