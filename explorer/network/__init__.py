"""A CNN as data: layers, the architecture they make, its outputs, its shipped weights."""
