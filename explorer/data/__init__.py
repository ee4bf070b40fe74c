"""Where every picture comes from: the shipped data sets, the user's ink, and what people upload."""
