"""What goes on while the demo runs: each story is a coroutine that changes objects or logs until it is cancelled."""
