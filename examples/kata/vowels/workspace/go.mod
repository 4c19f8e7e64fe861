module example/vowels

go 1.26
