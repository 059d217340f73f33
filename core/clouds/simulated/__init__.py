"""The provider `simulated`: machines in the world of `core.simulator`, reached as any others over sockets."""
