"""From a declared environment to graphs of steps: what is looked at first, and which steps follow from it."""
