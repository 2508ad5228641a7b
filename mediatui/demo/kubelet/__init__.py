"""A kubelet that plays: it registers a node with any API server, lives its pods' lives there, and serves logs and exec.

Nothing is ever run on the host: containers are a log and a status, commands have scripted answers.
"""
