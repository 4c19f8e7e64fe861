module apikit

go 1.26
