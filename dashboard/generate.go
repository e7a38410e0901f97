package dashboard

//go:generate go tool -modfile=../.ci/tools/go.mod templ generate -path .
