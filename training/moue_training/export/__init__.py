"""Writes trained networks as `.tflite` files, in floats or with 8-bit convolutions."""
