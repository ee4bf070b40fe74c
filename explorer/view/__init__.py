"""What is drawn: arrays to figures and components; runs no model."""
