module example/nesting

go 1.26
