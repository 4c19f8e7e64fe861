module example/digits

go 1.26
