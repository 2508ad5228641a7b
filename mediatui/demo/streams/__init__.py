"""The server's end of what flows both ways: commands in containers and connections to their ports."""
