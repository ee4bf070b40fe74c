"""CNN Explorer: learn what a convolutional neural network does by using one."""

__version__ = "0.1.0"
