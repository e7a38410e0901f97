package phoenix

// ref is a client's reference as JSON: a string, an integer, or null. It is
// echoed as it came, because clients of 2018 number theirs.
type ref string
