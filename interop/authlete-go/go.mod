module placet/interop

go 1.19

require github.com/authlete/authlete-go v1.1.13

require github.com/BurntSushi/toml v1.4.0 // indirect
