"""What objects must look like: shapes (what can be read at all) and rules (what is wrong with it)."""
