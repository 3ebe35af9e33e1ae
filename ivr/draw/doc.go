// Package draw shows a scenario as a picture: SVG for people, Mermaid for documents. It is pure and
// needs no other program. The picture is layered: a caller goes from the top to the bottom; ways back
// up are named beside the node they leave instead of drawn across everything between.
package draw
