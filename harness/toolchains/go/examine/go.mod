module examine

go 1.26
