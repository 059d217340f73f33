"""Applications that are known by name: data files beside this one, a person's own, and those of installed packages."""

from core.containers.catalogue.library import Library, entries, filled_in, library, mistakes_of

__all__ = ["Library", "entries", "filled_in", "library", "mistakes_of"]
