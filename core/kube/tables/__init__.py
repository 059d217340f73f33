"""How tables of each kind look: columns and health, pure functions of rows."""
