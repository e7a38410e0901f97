package widget

// The bundle in dist is committed, so that running and building the server needs no Node. Regenerating it needs npm;
// the same locked versions give the same bytes.

//go:generate npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
//go:generate go run ./build
