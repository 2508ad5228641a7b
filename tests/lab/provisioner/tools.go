//go:build tools

// Package tools keeps the command that the laboratory builds in go.mod.
package tools

import _ "github.com/kubernetes-csi/external-provisioner/v6/cmd/csi-provisioner"
