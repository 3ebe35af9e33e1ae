package ivr

var _ = register(kind{name: "info"})
