module example/stuck

go 1.26
