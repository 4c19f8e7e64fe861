"""Signals of code quality from tools alone: gofmt, go vet, the modernizers, size. No model and no code is run."""
