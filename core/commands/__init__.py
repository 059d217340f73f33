"""What commands have in common, and groups of commands; `core.cli` puts them together."""
