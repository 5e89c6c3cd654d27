"""Ships XML that asks for a file of the machine."""
