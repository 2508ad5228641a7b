"""mediatui: the terminal UI for people who run a media stack on Kubernetes."""

__version__ = "0.1.0"
