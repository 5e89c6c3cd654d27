"""Graphs: records counted and measured by one or two dimensions, as a picture and as the table that it shows."""
