"""What the API server does with a write: read it, complete it, judge it, note who wrote what, and store it."""
