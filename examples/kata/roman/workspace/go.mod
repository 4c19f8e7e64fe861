module example/roman

go 1.26
