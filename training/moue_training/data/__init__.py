"""Pictures, labels and augmentations; imports no other part of the package."""
