module netifyd/fleet

go 1.26.0

require netifyd v0.0.0

replace netifyd => ../
