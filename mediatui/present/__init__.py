"""Model to rows of text and role: pure, shared by the terminal UI and the commands."""
