"""Training: how weights are made."""
