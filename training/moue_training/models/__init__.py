"""The networks that ship, and the pretrained ones that teach them."""
