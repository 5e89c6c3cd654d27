"""The models of visits."""
