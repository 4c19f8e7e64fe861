module example/largest

go 1.26
