module example/receipt

go 1.26
