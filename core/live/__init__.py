"""What a front end sees of live clusters: references, rows, records, views; plain data, nothing that reaches out."""
