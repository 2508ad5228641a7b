"""The Kubernetes API server: credentials, one HTTP path, decoding, watching and logs."""
