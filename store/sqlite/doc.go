// Package sqlite keeps Planga's data in two SQLite files in one data directory: chat.db and dashboard.db.
// They are two because the two modules share messages, not tables.
//
// [OpenChat] opens the first and yields the stores that package chat asks for. The exclusive [Lock] on the directory
// is separate from opening, because the operator's commands open the files while a server runs.
//
// # How a write becomes durable
//
// Each file has one writing connection, owned by one goroutine, the committer. It takes whatever is waiting, runs it
// in one transaction, commits with synchronous=FULL, and only then answers. Under load many writes so share one
// fsync; a single write waits for nobody. Reads run beside it on a pool of connections that cannot write, and a
// checkpointer copies what was committed from the WAL into the database.
//
// # When the disk fails
//
// A write that meets a full disk or an I/O error is answered with [chat.StorageUnavailable]. The connections that
// met it are not trusted any more: the committer opens the file anew, checks that it is still the same kind of
// database, proves with a write of its own that it can be written, and then goes on. Nobody needs to restart anything.
package sqlite
