"""What runs through an API server into a pod: commands, a shell, and connections to its ports."""
