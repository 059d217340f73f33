"""An object in words: the essentials that `kubectl describe` tells, with the events about it."""
