module example/clamp

go 1.26
