package prompts

import "accueil/wording"

// French is what this package says, in French.
func French() wording.Forms {
	return wording.Forms{
		// Recordings.
		"not a WAV file":                                             "ce n'est pas un fichier WAV",
		"%s: it holds no sound":                                      "%s : il ne contient pas de son",
		"%s: its format is cut short":                                "%s : la description de son format est coupée",
		"a rate of %d Hz with %d channels is not supported":          "%d Hz sur %d voies : ce format n'est pas accepté",
		"%d-bit sound of format %d is not supported, use 16-bit PCM": "son de %d bits au format %d : ce format n'est pas accepté, utilisez PCM 16 bits",
		"the sound lasts more than %d seconds":                       "le son dure plus de %d secondes",
		"the sound is silent":                                        "le son est muet",
		"the file cannot be opened":                                  "le fichier ne peut pas être ouvert",
		"it is not a file":                                           "ce n'est pas un fichier",
		"the file cannot be read":                                    "le fichier ne peut pas être lu",
		"the file is larger than %d MB":                              "le fichier dépasse %d Mo",
		"the folder cannot be read":                                  "le dossier ne peut pas être lu",
		"only files that end in .wav are used":                       "seuls les fichiers dont le nom finit par .wav sont utilisés",
		"its name cannot be the id of a prompt":                      "son nom ne peut pas être celui d'un message",
		"record it again as WAV, 16 bit, mono; until then its text is spoken by the machine": "enregistrez-le de nouveau en WAV, 16 bits, mono ; d'ici là son texte est dit par la voix de synthèse",

		// Music.
		"the folder of music cannot be read":                                           "le dossier de musique ne peut pas être lu",
		"name a folder of WAV files in music:, or leave it out for the built-in music": "indiquez dans music: un dossier de fichiers WAV, ou retirez la clé pour la musique fournie",
		"only WAV files are played while callers wait":                                 "seuls des fichiers WAV sont diffusés pendant l'attente",
		"convert it to WAV":                             "convertissez-le en WAV",
		"this music is not played: %s":                  "cette musique n'est pas diffusée : %s",
		"save it as WAV, 16 bit, three minutes at most": "enregistrez-la en WAV, 16 bits, trois minutes au plus",
		"the music is silent for %.1f s from %s on: callers believe that the line is lost": "la musique se tait pendant %.1f s à partir de %s : les appelants croient que la ligne est coupée",
		"cut the silence out": "retirez ce silence",
		"no file in the folder of music can be played: who waits would hear nothing": "aucun fichier du dossier de musique ne peut être diffusé : qui attend n'entendrait rien",
		"put WAV files there, or leave music: out for the built-in music":            "mettez-y des fichiers WAV, ou retirez music: pour la musique fournie",
	}
}
