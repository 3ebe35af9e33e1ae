package diag

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"accueil/wording"
)

// NodeDecoder is a type that reads itself from a node, where a value has several forms. It decodes
// parts with at.Decode.
type NodeDecoder interface {
	DecodeNode(n *Node, at Place) Findings
}

// Place is where in a document a node is being decoded.
type Place struct {
	doc  *Doc
	Path string
	line int
	col  int
}

// Decode reads the node into the value pointed at.
func (p Place) Decode(n *Node, into any) Findings {
	dec := decoder{doc: p.doc}
	dec.value(n, reflect.ValueOf(into).Elem(), p)
	return dec.findings
}

// Under returns the place of a part: keys (string) and indexes (int), as for Join.
func (p Place) Under(n *Node, parts ...any) Place {
	p.Path = Join(p.Path, parts...)
	if n != nil {
		p.line, p.col = n.Line, n.Column
	}
	return p
}

// Error returns a finding at this place.
func (p Place) Error(suggestion *wording.Text, format wording.Sentence, args ...any) Finding {
	return p.doc.at(p.line, p.col, p.Path, Error, wording.Say(format, args...), suggestion)
}

// Decode reads the document into the value pointed at, strictly. Keys are named by `yaml:"…"` tags
// (a field without one is ignored; ",inline" embeds a struct's keys). It understands structs, maps
// with text keys, slices, pointers, text, numbers, booleans, time.Duration ("20s", "15m"), types
// with UnmarshalText, NodeDecoders, and *Node for what is read later. Numbers are accepted where text is asked for and keep their
// digits as written. All findings are returned; what could be read is set.
func (d *Doc) Decode(into any) Findings {
	dec := decoder{doc: d}
	if d.root.Kind == Null {
		return Findings{{File: d.file, Message: wording.Say("the file is empty")}}
	}
	dec.value(d.root, reflect.ValueOf(into).Elem(), Place{doc: d, line: d.root.Line, col: d.root.Column})
	return dec.findings.Sorted()
}

type decoder struct {
	doc      *Doc
	findings Findings
}

var (
	nodeType        = reflect.TypeFor[*Node]()
	durationType    = reflect.TypeFor[time.Duration]()
	nodeDecoderType = reflect.TypeFor[NodeDecoder]()
	textType        = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func (dec *decoder) fail(at Place, suggestion *wording.Text, format wording.Sentence, args ...any) {
	dec.findings = append(dec.findings, at.Error(suggestion, format, args...))
}

func (dec *decoder) value(n *Node, v reflect.Value, at Place) {
	if v.Type() == nodeType {
		v.Set(reflect.ValueOf(n))
		return
	}
	if v.Kind() == reflect.Pointer {
		if n.Kind == Null {
			return
		}
		p := reflect.New(v.Type().Elem())
		dec.value(n, p.Elem(), at)
		v.Set(p)
		return
	}
	if v.CanAddr() && v.Addr().Type().Implements(nodeDecoderType) {
		dec.findings = append(dec.findings, v.Addr().Interface().(NodeDecoder).DecodeNode(n, at)...)
		return
	}
	if v.Type() == durationType {
		dec.duration(n, v, at)
		return
	}
	if v.CanAddr() && v.Addr().Type().Implements(textType) {
		if dec.expect(n, Scalar, at, "text") {
			if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(n.Value)); err != nil {
				dec.findings = append(dec.findings, dec.doc.at(at.line, at.col, at.Path, Error, told(err), nil))
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if n.Kind == Null || dec.expect(n, Mapping, at, Mapping.Sentence()) {
			dec.structure(n, v, at)
		}
	case reflect.Map:
		if n.Kind != Null && dec.expect(n, Mapping, at, Mapping.Sentence()) {
			dec.mapping(n, v, at)
		}
	case reflect.Slice:
		if n.Kind != Null && dec.expect(n, Sequence, at, Sequence.Sentence()) {
			out := reflect.MakeSlice(v.Type(), len(n.Items), len(n.Items))
			for i, item := range n.Items {
				dec.value(item, out.Index(i), at.Under(item, i))
			}
			v.Set(out)
		}
	default:
		dec.scalar(n, v, at)
	}
}

func (dec *decoder) expect(n *Node, k Kind, at Place, wanted wording.Sentence) bool {
	if n.Kind == k {
		return true
	}
	if n.Kind == Null {
		dec.fail(at, nil, "%s is expected here and nothing is given", wanted)
	} else {
		dec.fail(at, nil, "%s is expected here, this is %s", wanted, n.Kind.Sentence())
	}
	return false
}

func (dec *decoder) structure(n *Node, v reflect.Value, at Place) {
	fields := map[string]reflect.Value{}
	names := collect(v, fields)
	for _, f := range n.Fields {
		target, ok := fields[f.Key]
		under := Place{dec.doc, Join(at.Path, f.Key), f.Line, f.Column}
		if !ok {
			dec.fail(under, DidYouMean(f.Key, names), "unknown key %q", f.Key)
			continue
		}
		if f.Value.Kind == Scalar {
			under.line, under.col = f.Value.Line, f.Value.Column
		}
		dec.value(f.Value, target, under)
	}
}

// collect fills fields by key and returns the keys in the order declared.
func collect(v reflect.Value, fields map[string]reflect.Value) (names []string) {
	for i := range v.NumField() {
		tag, ok := v.Type().Field(i).Tag.Lookup("yaml")
		name, option, _ := strings.Cut(tag, ",")
		switch {
		case !ok || name == "-":
		case name == "" && option == "inline":
			names = append(names, collect(v.Field(i), fields)...)
		default:
			fields[name] = v.Field(i)
			names = append(names, name)
		}
	}
	return names
}

func (dec *decoder) mapping(n *Node, v reflect.Value, at Place) {
	out := reflect.MakeMapWithSize(v.Type(), len(n.Fields))
	for _, f := range n.Fields {
		under := Place{dec.doc, Join(at.Path, f.Key), f.Line, f.Column}
		if f.Key == "" {
			dec.fail(under, nil, "a key is empty")
			continue
		}
		key := reflect.New(v.Type().Key()).Elem()
		if key.Kind() == reflect.String {
			key.SetString(f.Key)
		} else if i, err := strconv.ParseInt(f.Key, 10, 64); err == nil && key.CanInt() && !key.OverflowInt(i) {
			key.SetInt(i)
		} else {
			dec.fail(under, nil, "the key %q is not a number", f.Key)
			continue
		}
		if f.Value.Kind == Scalar {
			under.line, under.col = f.Value.Line, f.Value.Column
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		dec.value(f.Value, elem, under)
		out.SetMapIndex(key, elem)
	}
	v.Set(out)
}

func (dec *decoder) duration(n *Node, v reflect.Value, at Place) {
	if !dec.expect(n, Scalar, at, "a time") {
		return
	}
	d, err := time.ParseDuration(strings.TrimSpace(n.Value))
	if err != nil {
		dec.fail(at, wording.Say(`write 20s, 15m or 1h30m`), "%q is not a time", clip(n.Value))
		return
	}
	v.SetInt(int64(d))
}

func (dec *decoder) scalar(n *Node, v reflect.Value, at Place) {
	switch v.Kind() {
	case reflect.String:
		if !dec.expect(n, Scalar, at, "text") {
			return
		}
		if !n.Quoted && (n.Value == "true" || n.Value == "false") {
			dec.fail(at, wording.Say("put it between quotes"), "text is expected here, this is %s", n.Value)
			return
		}
		v.SetString(n.Value)
	case reflect.Bool:
		if !dec.expect(n, Scalar, at, "true or false") {
			return
		}
		if n.Quoted || n.Value != "true" && n.Value != "false" {
			dec.fail(at, nil, "true or false is expected here, this is %q", clip(n.Value))
			return
		}
		v.SetBool(n.Value == "true")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if !dec.expect(n, Scalar, at, "a whole number") {
			return
		}
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil || n.Quoted {
			dec.fail(at, nil, "a whole number is expected here, this is %q", clip(n.Value))
		} else if v.OverflowInt(i) {
			dec.fail(at, nil, "the number %d is too large", i)
		} else {
			v.SetInt(i)
		}
	case reflect.Float32, reflect.Float64:
		if !dec.expect(n, Scalar, at, "a number") {
			return
		}
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || n.Quoted || f != f || f > 1e300 || f < -1e300 {
			dec.fail(at, nil, "a number is expected here, this is %q", clip(n.Value))
			return
		}
		v.SetFloat(f)
	default:
		panic(fmt.Sprintf("diag: cannot decode into %s", v.Type()))
	}
}

// told is an error as a sentence: its own where it is one, else its first line.
func told(err error) *wording.Text {
	if t := (*wording.Text)(nil); errors.As(err, &t) {
		return t
	}
	return wording.Verbatim(firstLine(err.Error()))
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
