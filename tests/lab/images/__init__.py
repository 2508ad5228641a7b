"""The node's images, written without docker."""
