"""What a cluster does, written once and held against the demo cluster and a real control plane."""
