//go:build tools

// Package tools keeps the command that the laboratory builds in go.mod.
package tools

import _ "sigs.k8s.io/metrics-server/cmd/metrics-server"
