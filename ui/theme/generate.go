package theme

// The one third-party script comes from npm at the exact version of package.json and is committed with its licence.
//go:generate npm ci --ignore-scripts --no-audit --no-fund
//go:generate cp node_modules/htmx.org/dist/htmx.min.js static/htmx.js
//go:generate cp node_modules/htmx.org/LICENSE static/htmx.LICENSE.txt
//go:generate go tool -modfile=../../.ci/tools/go.mod templ generate -path .
