"""Shows and fills fields that there are not."""
