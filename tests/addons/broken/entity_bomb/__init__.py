"""Ships XML with entities that would unfold to gigabytes."""
