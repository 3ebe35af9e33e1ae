package newsite

import (
	"strings"

	"accueil/diag"
)

// fileAnswers is a YAML file of answers: each as one would give it to the question.
type fileAnswers struct {
	Version    int           `yaml:"version"`
	Name       *answer       `yaml:"name"`
	ID         *answer       `yaml:"id"`
	Region     *answer       `yaml:"region"`
	Languages  *answer       `yaml:"languages"`
	Trunk      *answer       `yaml:"trunk"`
	Numbers    *answer       `yaml:"numbers"`
	PBX        *answer       `yaml:"pbx"`
	Reception  *answer       `yaml:"reception"`
	Services   []fileService `yaml:"services"`
	Desks      *answer       `yaml:"desks"`
	FirstPhone *answer       `yaml:"first_phone"`
	Full       *answer       `yaml:"full"`
	Night      *answer       `yaml:"night"`
}

// fileService is a line of the table of services.
type fileService struct {
	Key     string `yaml:"key"`
	LabelFR string `yaml:"label_fr"`
	LabelEN string `yaml:"label_en"`
	Kind    string `yaml:"kind"`
	Target  string `yaml:"target"`
	Hours   string `yaml:"hours"`
}

// answer is a text, or a list of texts.
type answer struct{ text string }

// DecodeNode reads either form.
func (a *answer) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Sequence {
		var all []string
		found := at.Decode(n, &all)
		a.text = strings.Join(all, ", ")
		return found
	}
	if n.Kind == diag.Scalar { // also an unquoted no
		a.text = n.Value
		return nil
	}
	return at.Decode(n, &a.text)
}

// AnswersVersion is the only value of the key version.
const AnswersVersion = 1

// ReadAnswers adds what a YAML file of answers says.
func (f *Form) ReadAnswers(file string, src []byte, l Lang) diag.Findings {
	doc, found := diag.ParseYAML(file, src)
	if doc == nil {
		return found
	}
	var in fileAnswers
	found = append(found, doc.Decode(&in)...)
	if found.Failed() {
		return found.Sorted()
	}
	if in.Version != AnswersVersion {
		return diag.Findings{doc.Error("version", nil, "%s", say("commencez le fichier par version: 1", "begin the file with version: 1").In(l))}
	}
	place := func(path string) diag.Finding { return doc.Error(path, nil, "") }
	for key, a := range map[string]*answer{
		"name": in.Name, "id": in.ID, "region": in.Region, "languages": in.Languages, "trunk": in.Trunk, "numbers": in.Numbers, "pbx": in.PBX,
		"reception": in.Reception, "desks": in.Desks, "first_phone": in.FirstPhone, "full": in.Full, "night": in.Night,
	} {
		if a != nil {
			f.texts[key], f.places[key] = a.text, place(key)
		}
	}
	f.table = place(keyServices)
	for i, s := range in.Services {
		f.lines = append(f.lines, Line(s))
		at := diag.Join(keyServices, i)
		cells := map[string]diag.Finding{"": place(at)}
		for _, column := range columns {
			if doc.Lookup(diag.Join(at, column)) != nil {
				cells[column] = place(diag.Join(at, column))
			}
		}
		f.cells = append(f.cells, cells)
	}
	return found
}
