package site

func (c *checker) requirement(path, source string) {}
