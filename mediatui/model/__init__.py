"""What is true about the cluster and the media stack: frozen values, no input or output."""
