// Package schema holds the JSON Schemas of the files that people write, for the completion of their editors.
package schema

import (
	"embed"
	"path"
)

//go:embed *.schema.json
var files embed.FS

// Names of the schemas: those of the files.
const (
	Site    = "site.schema.json"
	Article = "article.schema.json"
	Tests   = "tests.schema.json"
)

// Files returns every schema by its name.
func Files() map[string][]byte {
	out := map[string][]byte{}
	for _, name := range []string{Site, Article, Tests} {
		content, err := files.ReadFile(name)
		if err != nil { // embedded: it is there
			panic(err)
		}
		out[name] = content
	}
	return out
}

// Hint is the line by which an editor finds the schema of a file of a site: the schemas lie in the site's folder
// schema, file is the path of the file from the site's folder.
func Hint(name, file string) string {
	up := ""
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		up += "../"
	}
	return "# yaml-language-server: $schema=" + up + Folder + "/" + name
}

// Folder is where the schemas lie in a site's folder.
const Folder = "schema"
