"""The description of an image with everything baked in: a diskimage-builder element, and what it takes along."""
