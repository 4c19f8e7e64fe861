module example/streak

go 1.26
