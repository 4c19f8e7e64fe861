//go:build !linux

package core

func shield() {}
