"""What is inside a container of the demo: files, programs and the app; nothing of the host is ever run or read."""
