module example/squeeze

go 1.26
