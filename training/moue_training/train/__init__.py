"""Losses, optimizers, the training loop and one module for each network trained by it."""
