"""The controllers of the demo cluster, one small file each: they see a change, compare, and write through the API."""
