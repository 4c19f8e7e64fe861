module example/todo

go 1.26
