"""Measures trained networks, through PyTorch or through the program `moue` itself."""
