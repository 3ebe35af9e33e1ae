// Command schemagen writes the JSON Schema of the site file and the tables of its reference from the
// types of package site: field tags give the rules, field comments the words.
//
// Run it with go generate in site/; -check only reports whether the files are current.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
)

func main() {
	schemaFile := flag.String("schema", "", "JSON Schema to write")
	docsFile := flag.String("docs", "", "page whose reference is written between its markers")
	source := flag.String("source", ".", "folder of package site")
	check := flag.Bool("check", false, "write nothing, fail when a file would change")
	flag.Parse()
	if err := run(*source, *schemaFile, *docsFile, *check); err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}

func run(source, schemaFile, docsFile string, check bool) error {
	words, err := readComments(source)
	if err != nil {
		return err
	}
	schema, err := words.schema()
	if err != nil {
		return err
	}
	page, err := os.ReadFile(docsFile)
	if err != nil {
		return fmt.Errorf("read the reference: %w", err)
	}
	page, err = words.fillPage(page)
	if err != nil {
		return err
	}
	for file, content := range map[string][]byte{schemaFile: schema, docsFile: page} {
		before, _ := os.ReadFile(file) // missing: written anew
		switch {
		case bytes.Equal(before, content):
		case check:
			return fmt.Errorf("%s is not current, run go generate ./site", file)
		default:
			if err := os.WriteFile(file, content, 0o644); err != nil {
				return fmt.Errorf("write %s: %w", file, err)
			}
		}
	}
	return nil
}
