module graphkit

go 1.26
