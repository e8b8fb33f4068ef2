module badpeer

go 1.26
