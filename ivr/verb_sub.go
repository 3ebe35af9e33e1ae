package ivr

var _ = register(kind{name: "sub"})
