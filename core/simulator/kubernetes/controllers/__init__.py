"""The controllers: each a pure function from objects to wanted changes, and one driver that applies them."""
