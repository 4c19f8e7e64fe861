module example/reverse

go 1.26
