module 0gate

go 1.18
