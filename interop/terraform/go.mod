module placet/interop/terraform

go 1.19
