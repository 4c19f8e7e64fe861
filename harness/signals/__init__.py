"""What tools alone tell of code: gofmt, go vet, the modernizers, size. No model is asked, and nothing is run."""
