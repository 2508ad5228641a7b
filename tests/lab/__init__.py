"""The laboratory: a real Kubernetes control plane for the end-to-end tests, built from published Go modules."""
