module example/month

go 1.26
