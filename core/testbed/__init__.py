"""What the fixtures of `core.testing` are made of: databases, instances that are lent, a browser without a screen."""
