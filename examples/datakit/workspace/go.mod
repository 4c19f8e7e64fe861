module datakit

go 1.26
