module accueil

go 1.26
