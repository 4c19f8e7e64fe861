module example/add

go 1.26
