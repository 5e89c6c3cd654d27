"""Converting leads into opportunities, one or many, and the customers that they get."""
