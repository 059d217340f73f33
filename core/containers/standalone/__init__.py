"""A Docker host: its engine over a forwarded socket, one container for each application, never a TCP port."""
