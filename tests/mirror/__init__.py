"""The tests' own release mirror: real components built from Go modules, and images made of them."""
