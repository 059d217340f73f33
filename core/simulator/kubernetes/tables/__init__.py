"""The tables that the server makes of objects for people: columns are data, a file a room of kinds."""
