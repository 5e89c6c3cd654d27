"""Changes views with paths that find nothing, or cannot be read."""
