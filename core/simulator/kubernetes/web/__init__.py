"""The API over HTTP: what a request is about, and how each sort of request is answered."""
