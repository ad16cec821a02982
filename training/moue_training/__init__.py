"""Training of moue's two networks: data, nets, losses, export to `.tflite`, evaluation."""
